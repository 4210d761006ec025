//! Parses a fleet file: every mistake with its place, and the mistakes of one tenant with its name.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::super::Spec;
use super::super::check::check;
use super::super::lines::Lines;
use super::super::load::{Loader, known_keys, listed};
use super::super::problem::{Problem, SpecError};
use super::super::yaml::{self, FLEET, Key, Kind, Node};
use super::overlay::lay_over;
use super::{Fleet, FleetTenant, ONLY_WAVE};
use crate::digest::{bare, sha256};
use crate::text::{nearest, visible};

/// How long a wave's name can be, in characters.
pub(super) const MAX_WAVE_NAME: usize = 64;

/// Reads a fleet from a file's bytes. `path` is only for messages.
///
/// # Errors
/// Every problem of the file at once, those that only one tenant's spec has among them: the user's to mend.
pub fn load(path: &str, bytes: &[u8]) -> Result<Fleet, SpecError> {
    let text = &*yaml::text(bytes, &FLEET).map_err(|problem| SpecError::new(path, "", vec![problem]))?;
    let fail = |problems| SpecError::new(path, text, problems);
    let root = yaml::parse(text, &FLEET).map_err(fail)?;
    let mut reader =
        Reader { text, path, lines: Lines::new(text), loader: Loader::new(text), names: HashMap::new() };
    let read = reader.file(root);
    match (read, reader.loader.problems) {
        (Some((base, tenants, waves)), problems) if problems.is_empty() => {
            let (path, sha256) = (path.to_owned(), bare(&sha256(bytes)).to_owned());
            Ok(Fleet { path, sha256, spec: base.spec, tenants, waves })
        }
        (_, problems) => Err(fail(problems)),
    }
}

struct Reader<'a> {
    text: &'a str,
    path: &'a str,
    lines: Lines,
    /// Reads what a fleet file shares with a spec, and keeps the problems of the whole file.
    loader: Loader<'a>,
    /// The line of each tenant, by its name in small letters.
    names: HashMap<String, usize>,
}

/// What every tenant gets, before its own is laid over.
struct Base {
    entries: Vec<(Key, Node)>,
    spec: Spec,
    /// The rules between keys that it breaks, which every tenant would repeat.
    broken: Vec<Problem>,
}

impl Reader<'_> {
    /// Returns what every tenant gets, the tenants and the waves; `None` where a part of it is missing, which is noted.
    fn file(&mut self, root: Node) -> Option<(Base, Vec<FleetTenant>, Vec<String>)> {
        const KEYS: [&str; 4] = ["version", "spec", "tenants", "waves"];
        let help = "a fleet file has the keys `version`, `spec`, `tenants` and `waves`";
        let Kind::Map(entries) = root.kind else {
            let message = match root.kind {
                Kind::Null => "the file is empty".to_owned(),
                other => format!("expected keys and values, found {}", other.name()),
            };
            self.loader.problems.push(Problem::at(root.span, message).help(help));
            return None;
        };
        let mut found: BTreeMap<String, (Key, Node)> = BTreeMap::new();
        for (key, node) in self.loader.once("", entries) {
            if KEYS.contains(&key.name.as_str()) {
                found.insert(key.name.clone(), (key, node));
            } else {
                self.unknown_key("", &key, &KEYS, help);
            }
        }
        match found.remove("version") {
            Some((_, node)) => self.loader.version(&node, "fleet file"),
            None => self.loader.require_version(),
        }
        let waves = found.remove("waves").map(|(_, node)| self.waves(node));
        let base = match found.remove("spec") {
            Some((key, node)) => self.base(&key, node),
            None => {
                self.missing("spec", "add `spec:` with what every tenant gets, as a spec has it");
                None
            }
        };
        let tenants = match found.remove("tenants") {
            Some((_, node)) => self.tenants(node, base.as_ref(), waves.as_ref()),
            None => {
                self.missing("tenants", "list at least one, such as `- tenant: contoso.onmicrosoft.com`");
                Vec::new()
            }
        };
        Some((base?, tenants, waves.flatten().unwrap_or_else(|| vec![ONLY_WAVE.to_owned()])))
    }

    fn missing(&mut self, key: &str, help: &str) {
        let problem = Problem::whole_file(format!("the key `{key}` is missing")).key(key).help(help);
        self.loader.problems.push(problem);
    }

    fn unknown_key(&mut self, part: &str, key: &Key, known: &[&'static str], help: &str) {
        let dotted = format!("{part}{}", key.name);
        let help = match nearest(&key.name, known.iter().copied()) {
            _ if known_keys("").any(|word| word == key.name) => format!("put `{}` under `spec`", key.name),
            Some(near) => format!("did you mean `{near}`?"),
            None => help.to_owned(),
        };
        let message = format!("unknown key `{}`", visible(&key.name));
        self.loader.problems.push(Problem::at(key.span.clone(), message).key(&dotted).help(help));
    }

    /// Reads the names of waves; `None` where the list as a whole is wrong.
    fn waves(&mut self, node: Node) -> Option<Vec<String>> {
        let help = "list names in the order in which they are begun, such as `[canary, rest]`";
        let Kind::List(items) = node.kind else {
            let message = format!("expected a list of waves, found {}", node.kind.name());
            self.loader.problems.push(Problem::at(node.span, message).key("waves").help(help));
            return None;
        };
        if items.is_empty() {
            let help = "remove `waves` to write all tenants in one";
            self.loader.problems.push(Problem::at(node.span, "no wave is listed").key("waves").help(help));
            return None;
        }
        let (mut waves, mut are_right) = (Vec::new(), true);
        for item in items {
            let read = self.wave_name(&item).and_then(|name| match waves.contains(&name) {
                true => Err(item.problem(format!("`{name}` is listed twice")).help("keep one")),
                false => Ok(name),
            });
            match read {
                Ok(name) => waves.push(name),
                Err(problem) => {
                    are_right = false;
                    self.loader.problems.push(problem.key("waves"));
                }
            }
        }
        are_right.then_some(waves)
    }

    /// A name is also typed, and is part of the names of a pipeline's jobs.
    fn wave_name(&self, node: &Node) -> Result<String, Problem> {
        let name = self.loader.words(node, "the name of a wave")?;
        let is_plain = name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if is_plain && name.len() <= MAX_WAVE_NAME {
            return Ok(name);
        }
        let help = format!("write at most {MAX_WAVE_NAME} letters from a to z, digits, `-`, `_` and `.`");
        Err(node.problem(format!("`{}` is no name for a wave", visible(&name))).help(help))
    }

    /// Reads the spec of all tenants; `None` where it holds no keys.
    fn base(&mut self, key: &Key, node: Node) -> Option<Base> {
        let Kind::Map(entries) = node.kind else {
            let message = format!("`spec` holds keys, found {}", node.kind.name());
            let help = "put the keys of a spec under it, such as `group: SSPR-Pilot`; `{}` for none";
            self.loader.problems.push(Problem::at(key.span.clone(), message).key("spec").help(help));
            return None;
        };
        let entries = self.without_tenant("spec", entries);
        let mut loader = Loader::new(self.text);
        loader.section("", entries.clone());
        let (spec, problems) = loader.into_spec(self.path, &self.lines);
        let broken = check(&spec);
        let all = problems.into_iter().chain(broken.iter().cloned());
        self.loader.problems.extend(all.map(|problem| problem.within("spec")));
        Some(Base { entries, spec, broken })
    }

    fn without_tenant(&mut self, part: &str, mut entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
        let problems = &mut self.loader.problems;
        entries.retain(|(key, _)| {
            if key.name == "tenant" {
                let message = "which tenant it is stands in the list of tenants";
                let problem = Problem::at(key.span.clone(), message).key(&format!("{part}.tenant"));
                problems.push(problem.help("remove `tenant` here"));
            }
            key.name != "tenant"
        });
        entries
    }

    fn tenants(
        &mut self,
        node: Node,
        base: Option<&Base>,
        waves: Option<&Option<Vec<String>>>,
    ) -> Vec<FleetTenant> {
        let help = "list at least one, such as `- tenant: contoso.onmicrosoft.com`";
        let is_empty = matches!(&node.kind, Kind::List(items) if items.is_empty());
        let items = match node.kind {
            Kind::List(items) if !is_empty => items,
            other => {
                let message = match is_empty {
                    true => "no tenant is listed".to_owned(),
                    false => format!("expected a list of tenants, found {}", other.name()),
                };
                self.loader.problems.push(Problem::at(node.span, message).key("tenants").help(help));
                return Vec::new();
            }
        };
        let mut read = |(at, item)| self.tenant(&format!("tenants[{}]", at + 1), item, base, waves);
        items.into_iter().enumerate().filter_map(&mut read).collect()
    }

    /// Reads the name of a tenant that no other one has: without regard to letter case, which domains and ids do not have.
    fn new_name(&mut self, node: &Node) -> Result<String, Problem> {
        let name = self.loader.tenant_name(node)?;
        let line = self.lines.place(self.text, node.span.start).line;
        match self.names.entry(name.to_lowercase()) {
            Entry::Occupied(first) => {
                let help = format!("it was first listed in line {}; keep one", first.get());
                Err(node.problem(format!("`{name}` is listed twice")).help(help))
            }
            Entry::Vacant(free) => {
                free.insert(line);
                Ok(name)
            }
        }
    }

    /// Reads a tenant; `None` where it has no name or nothing to get.
    fn tenant(
        &mut self,
        part: &str,
        item: Node,
        base: Option<&Base>,
        waves: Option<&Option<Vec<String>>>,
    ) -> Option<FleetTenant> {
        const KEYS: [&str; 3] = ["tenant", "wave", "spec"];
        let help = "a tenant has the keys `tenant`, `wave` and `spec`";
        let Kind::Map(entries) = item.kind else {
            let message = format!("a tenant holds keys, found {}", item.kind.name());
            let help = "write `- tenant: contoso.onmicrosoft.com`";
            self.loader.problems.push(Problem::at(item.span, message).key(part).help(help));
            return None;
        };
        let (mut name, mut wave, mut own) = (None, None, None);
        let mut is_named = false;
        for (key, node) in self.loader.once(&format!("{part}."), entries) {
            match key.name.as_str() {
                "tenant" => {
                    is_named = true;
                    let read = self.new_name(&node);
                    name = self.noted(&format!("{part}.tenant"), read).map(|name| (name, node.span));
                }
                "wave" => {
                    let read = self.known_wave(&node, waves);
                    wave = self.noted(&format!("{part}.wave"), read);
                }
                "spec" => own = Some((key, node)),
                _ => self.unknown_key(&format!("{part}."), &key, &KEYS, help),
            }
        }
        if !is_named {
            let problem = Problem::at(item.span.clone(), "this tenant has no name").key(part);
            self.loader
                .problems
                .push(problem.help("add `tenant:` with its id or one of its verified domains"));
        }
        let (name, span) = name?;
        let spec = self.spec_of(part, &name, base?, own)?;
        let last = waves.and_then(|waves| waves.as_ref()?.last().cloned());
        let wave = wave.or(last).unwrap_or_else(|| ONLY_WAVE.to_owned());
        let place = self.lines.place(self.text, span.start);
        Some(FleetTenant { tenant: name, wave, spec, place })
    }

    fn noted<T>(&mut self, key: &str, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.loader.problems.push(problem.key(key))).ok()
    }

    fn known_wave(&self, node: &Node, waves: Option<&Option<Vec<String>>>) -> Result<String, Problem> {
        let name = self.loader.words(node, "the name of a wave")?;
        let Some(waves) = waves else {
            let help = format!("add `waves: [{}]` at the top, with all waves in their order", visible(&name));
            return Err(node.problem("the file lists no waves").help(help));
        };
        match waves {
            Some(waves) if !waves.contains(&name) => {
                let known: Vec<&str> = waves.iter().map(String::as_str).collect();
                let help = match nearest(&name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the waves are {}", listed(&known)),
                };
                Err(node.problem(format!("there is no wave `{}`", visible(&name))).help(help))
            }
            _ => Ok(name),
        }
    }

    /// Returns what a tenant gets; `None` where its own part is wrong.
    fn spec_of(&mut self, part: &str, tenant: &str, base: &Base, own: Option<(Key, Node)>) -> Option<Spec> {
        let mut spec = match own {
            None => base.spec.clone(),
            Some((key, node)) => self.laid_over(part, tenant, base, (key, node))?,
        };
        spec.tenant = Some(tenant.to_owned());
        spec.sha256 = sha256(spec.to_yaml().as_bytes());
        Some(spec)
    }

    fn laid_over(&mut self, part: &str, tenant: &str, base: &Base, own: (Key, Node)) -> Option<Spec> {
        let (key, node) = own;
        let part = format!("{part}.spec");
        let Kind::Map(entries) = node.kind else {
            let message = format!("`spec` holds keys, found {}", node.kind.name());
            let help = "put what is different for this tenant under it, or remove it";
            self.loader.problems.push(Problem::at(key.span, message).key(&part).help(help));
            return None;
        };
        let entries = self.without_tenant(&part, entries);
        let end = entries.iter().map(|(_, node)| node.end()).max().unwrap_or(node.span.end);
        let mut loader = Loader::new(self.text);
        let entries = lay_over(&mut loader, "", &base.entries, entries);
        loader.section("", entries);
        let (spec, problems) = loader.into_spec(self.path, &self.lines);
        let is_own = |problem: &Problem| (key.span.start..=end).contains(&problem.span.start);
        // What is wrong in the spec of all is told there, once.
        let mut own: Vec<Problem> = problems.into_iter().filter(is_own).collect();
        let broken = check(&spec).into_iter().filter(|problem| !base.broken.contains(problem));
        own.extend(broken.map(|mut problem| {
            if !is_own(&problem) {
                problem.span = key.span.clone();
            }
            problem.message = format!("in {tenant}, {}", problem.message);
            problem
        }));
        let is_right = own.is_empty();
        self.loader.problems.extend(own.into_iter().map(|problem| problem.within(&part)));
        is_right.then_some(spec)
    }
}
