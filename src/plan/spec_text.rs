//! Writes a spec as a YAML file with comments in the portal's words.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::json;

use super::draft::{DraftSetting, DraftValue, Inventory, beyond, spec_of};
use crate::spec_file::{self, MOST_RINGS, quoted, yaml_value};
use crate::tenant::{NamedGroup, Organization};
use crate::text::{excerpt, visible};

/// How wide comments are, in characters.
const WIDTH: usize = 100;

/// The schema that editors look for, beside the file.
pub const SCHEMA: &str = "pilot.schema.json";

/// Returns what editors look for, as the first line of a file.
fn schema_line() -> String {
    format!("# yaml-language-server: $schema={SCHEMA}\n")
}

/// Returns the file's text without the line that names a schema, for whoever has none beside it.
pub fn without_schema(text: &str) -> &str {
    text.strip_prefix(&schema_line()).unwrap_or(text)
}

/// Returns the file's text: sentences about the file, the tenant it is for, the settings, and what else there is.
pub fn spec_text(head: &[String], tenant: Option<&str>, lines: &[DraftSetting], tail: &[String]) -> String {
    let mut text = schema_line();
    head.iter().for_each(|sentence| comment(&mut text, "", sentence));
    text.push_str("version: 1\n");
    if let Some(tenant) = tenant {
        let _ = write!(text, "\n# sspr refuses this file in any other tenant.\ntenant: {}\n", quoted(tenant));
    }
    let lines: Vec<&DraftSetting> = lines.iter().filter(|line| line.fate != DraftValue::Unset).collect();
    sections(&mut text, &lines, 0);
    if !tail.is_empty() {
        text.push('\n');
        tail.iter().for_each(|sentence| comment(&mut text, "", sentence));
    }
    text
}

/// Returns the file of what a tenant has; `as_of` is when a snapshot was taken, where one was read.
pub fn imported(
    inventory: &Inventory,
    lines: &[DraftSetting],
    is_sandbox: bool,
    as_of: Option<Timestamp>,
) -> String {
    let organization = &inventory.tenant.organization;
    let mut head = vec![
        format!(
            "What {} ({}) has, written by `sspr import`: `sspr plan` on it changes nothing.",
            organization.display_name,
            organization.domain()
        ),
        "A key that is left out is unmanaged: sspr never writes it.".to_owned(),
    ];
    if is_sandbox {
        head.insert(1, "It is the sandbox, a pretend tenant.".to_owned());
    }
    head.extend(as_of.map(|taken| format!("As of {taken}, when a snapshot was taken of it.")));
    let (known, unknown) = beyond(&inventory.tenant);
    let listed = |what: &str, names: &[String]| {
        (!names.is_empty()).then(|| format!("{what}, and kept by every write: {}.", names.join(", ")))
    };
    let known = listed("Also in the tenant's policy, not available in a spec", &known);
    let beyond = known.into_iter().chain(listed("Unknown to sspr", &unknown));
    let tail: Vec<String> = nested(inventory, lines).into_iter().chain(beyond).collect();
    spec_text(&head, Some(&guard(organization)), lines, &tail)
}

/// Returns the groups in the pilot group as the roll-out that has come this far, for a comment; nothing where there is
/// none. By their ids: a name may mean others too.
fn nested(inventory: &Inventory, lines: &[DraftSetting]) -> Vec<String> {
    let is_said =
        |line: &DraftSetting| line.setting.key == "group" && matches!(line.fate, DraftValue::Stated(_));
    if !lines.iter().any(is_said) {
        return Vec::new();
    }
    let Some(groups) = inventory.tenant.nested.as_deref() else {
        return vec!["Unknown whether groups are nested in the group: they could not be read.".to_owned()];
    };
    if groups.is_empty() || groups.len() > MOST_RINGS {
        return Vec::new();
    }
    let head = "Groups are nested in the group. To open groups one after the other, this is where it stands:";
    let head =
        [head.to_owned(), "rollout:".to_owned(), format!("  open: {}", groups.len()), "  rings:".to_owned()];
    let ring =
        |group: &NamedGroup| format!("    - group: {} # {}", group.id, excerpt(&group.display_name, 40));
    head.into_iter().chain(groups.iter().map(ring)).collect()
}

/// Returns the tenant's domain where a spec can say it, and its id elsewhere.
fn guard(organization: &Organization) -> String {
    let domain = organization.domain();
    let spec = spec_of([("tenant", &json!(domain))]).to_string();
    if spec_file::load("import", spec.as_bytes()).is_ok() { domain } else { organization.id.to_string() }
}

/// Writes settings that share their first `depth` words, section by section.
fn sections(text: &mut String, lines: &[&DraftSetting], depth: usize) {
    let indent = "  ".repeat(depth);
    let words = |line: &DraftSetting| line.setting.key.split('.').skip(depth).collect::<Vec<_>>();
    for together in lines.chunk_by(|a, b| words(a)[0] == words(b)[0]) {
        if depth == 0 {
            text.push('\n');
        }
        match words(together[0]).as_slice() {
            [key] => setting(text, together[0], key, &indent),
            [section, ..] => {
                // A section that says nothing is a comment as a whole.
                let is_said = together.iter().any(|line| matches!(line.fate, DraftValue::Stated(_)));
                let _ = writeln!(text, "{indent}{}{section}:", if is_said { "" } else { "# " });
                sections(text, together, depth + 1);
            }
            [] => {}
        }
    }
}

fn setting(text: &mut String, line: &DraftSetting, key: &str, indent: &str) {
    let setting = line.setting;
    // In one line, however long: people look for it.
    let _ = writeln!(text, "{indent}# {} · \"{}\"", setting.page.title(), setting.label);
    if let Some(note) = &line.note {
        comment(text, indent, note);
    }
    match &line.fate {
        DraftValue::Stated(value) => {
            let _ = writeln!(text, "{indent}{key}: {}", yaml_value(setting.kind, value));
        }
        DraftValue::Left { seen, why } => {
            comment(text, indent, &format!("Left out: {why}."));
            if let Some(value) = seen {
                let _ = writeln!(text, "{indent}# {key}: {}", yaml_value(setting.kind, value));
            }
        }
        DraftValue::Unset => {}
    }
}

/// Writes a comment, broken at spaces. What it says may be foreign: a line break in it must not end it.
fn comment(text: &mut String, indent: &str, sentence: &str) {
    let mut used = 0;
    for word in visible(sentence).split(' ') {
        let length = word.chars().count() + 1;
        if used == 0 || used + length > WIDTH {
            let _ = write!(text, "{}{indent}#", if used == 0 { "" } else { "\n" });
            used = indent.len() + 1;
        }
        let _ = write!(text, " {word}");
        used += length;
    }
    text.push('\n');
}
