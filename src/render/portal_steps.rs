//! The steps left to do in the admin centre, where `--graph-only` leaves it out.

use super::document::{Block, Heading, Item, Items, Line, Names, code, line, link};
use crate::plan::PortalStep;
use crate::tenant::setting;

/// Returns the steps under the admin centre's pages.
pub fn portal_steps(steps: &[PortalStep]) -> Vec<Block> {
    if steps.is_empty() {
        let nothing = "The portal half was not read, and the spec manages nothing of it.";
        return vec![Block::Lines(vec![line![nothing]])];
    }
    let item = |step: &PortalStep| {
        let page = setting(step.key).map(|setting| line![link(&setting.page.path(), setting.page.url())]);
        let text = page.unwrap_or_else(|| Line::from(step.page));
        Item {
            group: Some(Heading { text, aside: line!["portal"] }),
            name: line![step.label],
            text: line![code(&step.value)],
            tags: vec![line!["portal"], line![code(step.key)]],
            ..Item::default()
        }
    };
    vec![
        Block::Lines(vec![
            line!["The portal half was neither read nor written, so its state is unknown."],
            line!["Set by hand in the Entra admin center:"],
        ]),
        Block::Items(Items {
            names: Names::Column,
            ..Items::new(&["setting", "value", "surface", "key"], steps.iter().map(item))
        }),
    ]
}
