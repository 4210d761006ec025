//! What a command that writes did, and how things stand at its end.

use crate::spec_file::Key;
use crate::tenant::Scope;

/// What is said wherever something is claimed of a tenant of which the admin centre's half was left out.
pub const NOT_LOOKED_AT: &str = "the portal half was not read";

/// What a command did, once reading back has proved its plan.
#[derive(Clone, Debug)]
pub enum Ending {
    /// It made the tenant what a spec says.
    Applied {
        /// The spec's path.
        spec: String,
        /// Whether the admin centre was left out.
        is_graph_only: bool,
        /// What of the spec was left out.
        except: Vec<Key>,
    },
    /// It set the scope to None.
    CleanedUp,
    /// It took back what runs wrote.
    TakenBack {
        /// The runs, oldest first.
        runs: Vec<NamedRun>,
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
