//! The steps left to do in the admin centre, where `--graph-only` leaves it out.

use super::document::{Block, Item, Items, Line, code, line, link};
use crate::plan::PortalStep;
use crate::tenant::setting;

/// Returns the steps under the admin centre's pages.
pub fn portal_steps(steps: &[PortalStep]) -> Vec<Block> {
    if steps.is_empty() {
        let nothing = "The portal half was not read, and the spec manages nothing of it.";
        return vec![Block::Lines(vec![line![nothing]])];
    }
    let item = |step: &PortalStep| {
        let page = setting(step.key).map(|setting| line![link(step.page, setting.page.url())]);
        Item {
            group: Some(page.unwrap_or_else(|| Line::from(step.page))),
            name: line![step.label],
            text: line![code(&step.value)],
            tags: vec![line!["portal"], line![code(step.key)]],
            ..Item::default()
        }
    };
    vec![
        Block::Lines(vec![
            line!["The portal half was neither read nor written, so its state is unknown."],
            line!["Set by hand in the Entra admin center, under Password reset:"],
        ]),
        Block::Items(Items::new(&["setting", "value", "surface", "key"], steps.iter().map(item))),
    ]
}
