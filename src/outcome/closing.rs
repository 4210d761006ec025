//! What a command that writes says at its end: derived from what it did and from what stands afterwards.

use crate::tenant::Scope;
use crate::text::{counted, visible};

/// What is said wherever something is claimed of a tenant of which the admin centre's half was left out.
pub const NOT_LOOKED_AT: &str = "the portal half was not looked at";

/// What a command did, once reading back has proved its plan.
#[derive(Clone, Copy, Debug)]
pub enum Ending<'a> {
    /// It made the tenant what a spec says.
    Applied {
        /// The spec's path.
        spec: &'a str,
        /// Whether the admin centre was left out.
        is_graph_only: bool,
    },
    /// It set the scope to None.
    CleanedUp,
    /// It took back what runs wrote.
    TakenBack {
        /// The runs, oldest first.
        runs: &'a [NamedRun],
        /// Whether it went all the way.
        is_all: bool,
    },
}

/// A run, as far as it is spoken of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRun {
    /// Names it to `rollback`.
    pub id: String,
    /// `apply` or `cleanup`.
    pub command: &'static str,
    /// Whether nobody saw that it wrote anything.
    pub is_doubtful: bool,
}

/// How things stand at the end.
#[derive(Clone, Debug, Default)]
pub struct After {
    /// Who may reset; `None` where the policy was not read.
    pub scope: Option<Scope>,
    /// The groups the policy is scoped to: names where they are known, else ids; foreign text.
    pub groups: Vec<String>,
    /// The runs that were not taken back, oldest first.
    pub standing: Vec<NamedRun>,
    /// A run whose record cannot be used, so that nobody knows whether it stands: its folder.
    pub unknown: Option<String>,
}

/// The words of an ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessText {
    /// What holds now, as a clause: "the tenant matches pilot.yaml".
    pub claim: String,
    /// The claim without names of runs and paths on this machine, for pages that are compared.
    pub page_claim: String,
    /// What to do next, as a clause.
    pub next: String,
}

/// Returns what to say. `is_written` is whether anything had to be written for it.
pub fn closing(ending: Ending<'_>, after: &After, is_written: bool) -> SuccessText {
    let claim = |is_named| match ending {
        Ending::Applied { spec, is_graph_only: false } => format!("the tenant matches {}", visible(spec)),
        Ending::Applied { spec, is_graph_only: true } => {
            format!("Graph's half of the tenant matches {}; {NOT_LOOKED_AT}", visible(spec))
        }
        Ending::CleanedUp => "password reset is None for this tenant".to_owned(),
        Ending::TakenBack { runs, is_all } => taken_back(runs, is_all, after, is_written, is_named),
    };
    let next = match ending {
        Ending::Applied { .. } => next_after_apply(after),
        Ending::CleanedUp => next_after_cleanup(after),
        Ending::TakenBack { .. } => next_after_way_back(after),
    };
    SuccessText { claim: claim(true), page_claim: claim(false), next }
}

fn taken_back(runs: &[NamedRun], is_all: bool, after: &After, is_written: bool, is_named: bool) -> String {
    let what = match runs {
        [] => None,
        _ if is_all => Some("sspr wrote to this tenant".to_owned()),
        [only] => Some(format!("{} wrote", name(only, is_named))),
        [first, ..] => {
            Some(format!("{} from {} on wrote", counted(runs.len(), "run"), name(first, is_named)))
        }
    };
    let head = match (what, is_written || is_all) {
        (None, _) => "there is nothing to take back".to_owned(),
        (Some(what), true) => format!("what {what} is taken back"),
        (Some(what), false) => format!("nothing of what {what} is left in the tenant"),
    };
    let stands = match (&after.unknown, is_all && after.standing.is_empty() && !runs.is_empty()) {
        (Some(folder), _) if is_named => {
            format!("; whether earlier runs stand is unknown, because {} cannot be used", visible(folder))
        }
        (Some(_), _) => "; whether earlier runs stand is unknown".to_owned(),
        (None, true) => String::new(),
        (None, false) => format!("; {}", standing(&after.standing, is_named)),
    };
    format!("{head}{stands}: {}", reset_is(after))
}

fn standing(runs: &[NamedRun], is_named: bool) -> String {
    let Some((last, earlier)) = runs.split_last() else { return "no run of sspr stands".to_owned() };
    let verb = match (last.is_doubtful, earlier.is_empty()) {
        (true, _) => "may stand",
        (false, true) => "stands",
        (false, false) => "stand",
    };
    let earlier = match earlier.len() {
        0 => String::new(),
        count => format!(" and {} before it", counted(count, "run")),
    };
    format!("{}{earlier} {verb}", name(last, is_named))
}

fn name(run: &NamedRun, is_named: bool) -> String {
    match is_named {
        true => format!("the {} of {}", run.command, visible(&run.id)),
        false => format!("the last {}", run.command),
    }
}

/// Says whether people can reset now, as a clause.
fn reset_is(after: &After) -> String {
    match after.scope {
        None => "whether password reset is on was not read".to_owned(),
        Some(Scope::None) => "password reset is None".to_owned(),
        Some(Scope::Selected) if after.groups.is_empty() => "password reset is on for no group".to_owned(),
        Some(Scope::Selected) => {
            let groups: Vec<String> = after.groups.iter().map(|group| visible(group)).collect();
            format!("password reset is on for {}", groups.join(", "))
        }
        Some(Scope::All) => "password reset is on for every user".to_owned(),
    }
}

fn next_after_apply(after: &After) -> String {
    match after.scope {
        Some(Scope::None) => {
            "nobody can reset while password reset is None; a `group:` in the spec opens it".to_owned()
        }
        None => "set what is left for the admin centre, below; nobody can test before password reset is on"
            .to_owned(),
        Some(Scope::Selected | Scope::All) => {
            "let a test user who is no administrator register at https://aka.ms/ssprsetup and reset at \
             https://aka.ms/sspr; `sspr cleanup` ends the pilot"
                .to_owned()
        }
    }
}

fn next_after_cleanup(after: &After) -> String {
    let kept = match after.standing.iter().any(|run| run.command == "apply") {
        true => {
            "people keep what they registered, and the rest of what was applied stays (`sspr cleanup --restore` takes it back)"
        }
        false => "people keep what they registered",
    };
    format!("{kept}; `sspr apply` starts the pilot again")
}

fn next_after_way_back(after: &After) -> String {
    let Some(last) = after.standing.last() else {
        return "`sspr history` shows what was done; `sspr apply` starts the pilot again".to_owned();
    };
    let back = format!("`sspr rollback` goes back to before that {} too", last.command);
    match after.scope {
        Some(Scope::Selected | Scope::All) => format!("{back}; `sspr cleanup` sets password reset to None"),
        _ => back,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, command: &'static str) -> NamedRun {
        NamedRun { id: id.to_owned(), command, is_doubtful: false }
    }

    fn claim(runs: &[NamedRun], is_all: bool, after: &After, is_written: bool) -> String {
        closing(Ending::TakenBack { runs, is_all }, after, is_written).claim
    }

    #[test]
    fn the_claim_of_a_way_back_is_what_stands_after_it() {
        let (apply, cleanup) = (run("1", "apply"), run("2", "cleanup"));
        let open = After {
            scope: Some(Scope::Selected),
            groups: vec!["SSPR-Pilot".to_owned()],
            standing: vec![apply.clone()],
            unknown: None,
        };
        assert_eq!(
            claim(std::slice::from_ref(&cleanup), false, &open, true),
            "what the cleanup of 2 wrote is taken back; the apply of 1 stands: password reset is on for SSPR-Pilot"
        );
        let shut = After { scope: Some(Scope::None), ..After::default() };
        for (runs, is_all, after, is_written, expected) in [
            (
                &[][..],
                false,
                &shut,
                false,
                "there is nothing to take back; no run of sspr stands: password reset is None",
            ),
            (
                std::slice::from_ref(&apply),
                false,
                &shut,
                true,
                "what the apply of 1 wrote is taken back; no run of sspr stands: password reset is None",
            ),
            (
                &[apply.clone(), cleanup.clone()],
                false,
                &shut,
                true,
                "what 2 runs from the apply of 1 on wrote is taken back; no run of sspr stands: password reset is None",
            ),
            (
                &[apply.clone(), cleanup.clone()],
                true,
                &After { scope: Some(Scope::All), ..After::default() },
                true,
                "what sspr wrote to this tenant is taken back: password reset is on for every user",
            ),
            (
                std::slice::from_ref(&cleanup),
                false,
                &open,
                false,
                "nothing of what the cleanup of 2 wrote is left in the tenant; the apply of 1 stands: password reset is on \
                 for SSPR-Pilot",
            ),
            (
                std::slice::from_ref(&cleanup),
                false,
                &After { unknown: Some("/state/run".to_owned()), ..After::default() },
                true,
                "what the cleanup of 2 wrote is taken back; whether earlier runs stand is unknown, because /state/run \
                 cannot be used: whether password reset is on was not read",
            ),
        ] {
            assert_eq!(claim(runs, is_all, after, is_written), expected);
        }
        let page = closing(Ending::TakenBack { runs: &[cleanup], is_all: false }, &open, true).page_claim;
        assert_eq!(
            page,
            "what the last cleanup wrote is taken back; the last apply stands: password reset is on for SSPR-Pilot"
        );
    }

    #[test]
    fn nobody_is_told_to_reset_where_nobody_can() {
        let next = |scope| {
            let after = After { scope, ..After::default() };
            closing(Ending::Applied { spec: "pilot.yaml", is_graph_only: scope.is_none() }, &after, true).next
        };
        assert!(next(Some(Scope::Selected)).contains("aka.ms/ssprsetup"));
        assert!(!next(Some(Scope::None)).contains("aka.ms"));
        assert!(!next(None).contains("aka.ms"));
    }
}
