//! Lays what is different for one tenant over the spec of all.

use super::super::ROLLOUT;
use super::super::load::{Loader, is_section, known_keys};
use super::super::yaml::{Key, Kind, Node};
use crate::tenant::setting;

/// Returns the entries of a spec with a tenant's own laid over, key by key: a section is gone into, a value or a list is
/// replaced whole, and nothing (`null`) makes a key unmanaged. A key that is given twice is noted.
pub(super) fn lay_over(
    loader: &mut Loader<'_>,
    prefix: &str,
    base: &[(Key, Node)],
    own: Vec<(Key, Node)>,
) -> Vec<(Key, Node)> {
    let own = loader.once(prefix, own);
    let is_kept = |(key, _): &&(Key, Node)| own.iter().all(|(other, _)| other.name != key.name);
    let mut laid: Vec<(Key, Node)> = base.iter().filter(is_kept).cloned().collect();
    for (key, node) in own {
        let dotted = format!("{prefix}{}", key.name);
        let below = base.iter().find(|(other, _)| other.name == key.name).map(|(_, node)| &node.kind);
        let kind = match (node.kind, below) {
            (Kind::Null, _) if can_be_unmanaged(&dotted) => continue,
            (Kind::Map(own), below) if is_section(&dotted) || dotted == ROLLOUT => {
                let below = if let Some(Kind::Map(entries)) = below { entries } else { &Vec::new() };
                Kind::Map(lay_over(loader, &format!("{dotted}."), below, own))
            }
            (kind, _) => kind,
        };
        laid.push((key, Node { kind, span: node.span }));
    }
    laid
}

/// Returns whether a dotted key may be left out of a spec; other keys are refused where the spec is read.
fn can_be_unmanaged(dotted: &str) -> bool {
    let in_rollout = dotted.strip_prefix(ROLLOUT).is_some_and(|rest| [".open", ".rings"].contains(&rest));
    setting(dotted).is_some()
        || known_keys("").any(|key| key == dotted && key != "version")
        || is_section(dotted)
        || in_rollout
}
