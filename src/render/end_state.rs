//! How things stand after a command that writes, and what to do next.

use super::document::{Kind, Line, Span, code, foreign, line, listed};
use super::verify::REGISTER;
use crate::outcome::Applied;
use crate::outcome::applied::{After, Ending, NOT_LOOKED_AT, NamedRun};
use crate::plan::Plan;
use crate::spec_file::Key;
use crate::tenant::Scope;
use crate::text::{counted, shell_word};

/// Returns what holds now, as a clause: "Contoso matches pilot.yaml". `is_written` is whether anything had to be
/// written for it.
pub fn claim(ending: &Ending, after: &After, is_written: bool) -> Line {
    match ending {
        Ending::Applied { spec, is_graph_only: false, except } => {
            line![tenant(after), " matches ", all_but(spec, except)]
        }
        Ending::Applied { spec, is_graph_only: true, except } => {
            line!["Graph's half of ", tenant(after), " matches ", all_but(spec, except), "; ", NOT_LOOKED_AT]
        }
        Ending::CleanedUp => line!["password reset is None for ", tenant(after)],
        Ending::TakenBack { runs, is_all } => taken_back(runs, *is_all, after, is_written),
    }
}

fn tenant(after: &After) -> Line {
    if after.tenant.is_empty() { line!["the tenant"] } else { foreign(&after.tenant).into() }
}

/// Returns a spec by its path; one that was read from standard input has none.
pub(super) fn spec_name(path: &str) -> Line {
    if path == "-" { line!["the spec on stdin"] } else { code(path).into() }
}

/// Returns a spec by its path, and what of it was left out.
pub(super) fn all_but(path: &str, except: &[Key]) -> Line {
    match except {
        [] => spec_name(path),
        except => line!["all of ", spec_name(path), " but ", keys(except)],
    }
}

/// Returns keys, with commas between.
pub(super) fn keys(keys: &[Key]) -> Line {
    listed(keys.iter().map(|key| code(key.as_str())))
}

/// Says what was left out, where something was.
pub(super) fn left_out(except: &[Key]) -> Option<Line> {
    (!except.is_empty()).then(|| line!["left out with ", code("--except"), ": ", keys(except)])
}

fn taken_back(runs: &[NamedRun], is_all: bool, after: &After, is_written: bool) -> Line {
    let changes = match runs {
        [] => None,
        _ if is_all => Some(line!["all of sspr's changes to this tenant"]),
        [only] => Some(line!["the changes of ", name(only)]),
        [first, ..] => {
            Some(line!["the changes of ", counted(runs.len(), "run"), ", starting with ", name(first), ","])
        }
    };
    let head = match (changes, is_written || is_all) {
        (None, _) => line!["there is nothing to roll back"],
        (Some(changes), true) => line![changes, " are rolled back"],
        (Some(changes), false) => line![changes, " are no longer in the tenant"],
    };
    let in_effect = match (&after.unknown, is_all && after.standing.is_empty() && !runs.is_empty()) {
        (Some(folder), _) => {
            let why = line![", because ", code(folder), " cannot be used"].private();
            line!["; unknown whether earlier runs are in effect", why]
        }
        (None, true) => Line::default(),
        (None, false) => line!["; ", standing(&after.standing)],
    };
    line![head, in_effect, ": ", reset_is(after)]
}

fn standing(runs: &[NamedRun]) -> Line {
    let Some((last, earlier)) = runs.split_last() else { return line!["no earlier run is in effect"] };
    let verb = match (last.is_doubtful, earlier.is_empty()) {
        (true, _) => " may be in effect",
        (false, true) => " is in effect",
        (false, false) => " are in effect",
    };
    let earlier = match earlier.len() {
        0 => String::new(),
        count => format!(" and {} before it", counted(count, "run")),
    };
    line![name(last), earlier, verb]
}

/// Names a run; its id is another each time.
fn name(run: &NamedRun) -> Line {
    line!["the ", run.command, line![" of ", code(&run.id)].private()]
}

/// Says whether people can reset now, as a clause.
fn reset_is(after: &After) -> Line {
    match after.scope {
        None => line!["sspr did not read whether password reset is on"],
        Some(Scope::None) => line!["password reset is None"],
        Some(Scope::Selected) if after.groups.is_empty() => line!["password reset is on for no group"],
        Some(Scope::Selected) => line!["password reset is on for ", listed(after.groups.iter().map(foreign))],
        Some(Scope::All) => line!["password reset is on for every user"],
    }
}

/// Returns what to do next.
pub fn next(Applied { plan, after, ending, .. }: &Applied) -> Vec<Line> {
    match ending {
        Ending::Applied { .. } => next_after_apply(plan, after),
        Ending::CleanedUp => vec![next_after_cleanup(after)],
        Ending::TakenBack { .. } => vec![next_after_way_back(after)],
    }
}

fn next_after_apply(plan: &Plan, after: &After) -> Vec<Line> {
    let verify = format!("sspr verify {} --user NAME --watch", shell_word(&plan.spec_path));
    match (after.scope, &plan.group) {
        (Some(Scope::None), _) => {
            vec![line![
                "no one can reset while password reset is None; set `group:` in the spec to turn it on"
            ]]
        }
        (None, _) => {
            vec![line![
                "make the admin centre changes listed above; no one can test before password reset is on"
            ]]
        }
        (Some(Scope::Selected), Some(group)) if plan.people.members == Some(0) => vec![
            line!["add an ordinary user to ", foreign(&group.display_name), ", have them register at"],
            line![format!("{REGISTER}, then")],
            line![code(verify)],
        ],
        (Some(Scope::Selected | Scope::All), _) => vec![
            line![format!("ask one ordinary user, not an administrator, to register at {REGISTER}, then")],
            line![code(verify)],
        ],
    }
}

/// Says how the pilot begins again: from the spec that the records know.
fn again(after: &After) -> Line {
    let file = after.spec.as_deref().map(|spec| format!(" {}", shell_word(spec))).unwrap_or_default();
    line![Span { kind: Kind::Quoted, ..code(format!("sspr apply{file}")) }, " starts the pilot again"]
}

fn next_after_cleanup(after: &After) -> Line {
    let kept = match after.standing.iter().any(|run| run.command == "apply") {
        true => {
            "registered methods are kept, and so are the other applied settings (`sspr cleanup --restore` undoes them)"
        }
        false => "registered methods are kept",
    };
    line![kept, "; ", again(after)]
}

fn next_after_way_back(after: &After) -> Line {
    let Some(last) = after.standing.last() else {
        return line!["`sspr history` shows what was done; ", again(after)];
    };
    let back = format!("`sspr rollback` undoes that {} too", last.command);
    match after.scope {
        Some(Scope::Selected | Scope::All) => line![back, "; `sspr cleanup` sets password reset to None"],
        _ => line![back],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{markdown, text};

    fn said(runs: &[NamedRun], is_all: bool, after: &After, is_written: bool) -> Line {
        claim(&Ending::TakenBack { runs: runs.to_vec(), is_all }, after, is_written)
    }

    fn run(id: &str, command: &'static str) -> NamedRun {
        NamedRun { id: id.to_owned(), command, is_doubtful: false }
    }

    #[test]
    fn rollback_claim_names_the_runs_in_effect() {
        let (apply, cleanup) = (run("1", "apply"), run("2", "cleanup"));
        let open = After {
            scope: Some(Scope::Selected),
            groups: vec!["SSPR-Pilot".to_owned()],
            standing: vec![apply.clone()],
            ..After::default()
        };
        assert_eq!(
            text::line(&said(std::slice::from_ref(&cleanup), false, &open, true), &text::Layout::default()),
            "the changes of the cleanup of 2 are rolled back; the apply of 1 is in effect: password reset is on for SSPR-Pilot\n"
        );
        let shut = After { scope: Some(Scope::None), ..After::default() };
        for (runs, is_all, after, is_written, expected) in [
            (
                &[][..],
                false,
                &shut,
                false,
                "there is nothing to roll back; no earlier run is in effect: password reset is None",
            ),
            (
                std::slice::from_ref(&apply),
                false,
                &shut,
                true,
                "the changes of the apply of 1 are rolled back; no earlier run is in effect: password reset is None",
            ),
            (
                &[apply.clone(), cleanup.clone()],
                false,
                &shut,
                true,
                "the changes of 2 runs, starting with the apply of 1, are rolled back; no earlier run is in effect: password reset is None",
            ),
            (
                &[apply.clone(), cleanup.clone()],
                true,
                &After { scope: Some(Scope::All), ..After::default() },
                true,
                "all of sspr's changes to this tenant are rolled back: password reset is on for every user",
            ),
            (
                std::slice::from_ref(&cleanup),
                false,
                &open,
                false,
                "the changes of the cleanup of 2 are no longer in the tenant; the apply of 1 is in effect: password reset is on \
                 for SSPR-Pilot",
            ),
            (
                std::slice::from_ref(&cleanup),
                false,
                &After { unknown: Some("/state/run".to_owned()), ..After::default() },
                true,
                "the changes of the cleanup of 2 are rolled back; unknown whether earlier runs are in effect, because /state/run \
                 cannot be used: sspr did not read whether password reset is on",
            ),
        ] {
            let said = text::line(&said(runs, is_all, after, is_written), &text::Layout::default());
            assert_eq!(said.trim_end(), expected);
        }
        let page = said(&[cleanup], false, &open, true);
        assert_eq!(
            markdown::inline(&page),
            "the changes of the cleanup are rolled back; the apply is in effect: password reset is on for `SSPR-Pilot`"
        );
    }
}
