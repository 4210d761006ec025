//! What `import` wrote.

use serde_json::{Value, json};

use super::document::{Block, Document, code, line};
use crate::plan::{DraftSetting, DraftValue};
use crate::text::{counted, shell_word};

/// Returns what is in the file, and what comes next.
pub fn document(path: &str, settings: &[DraftSetting]) -> Document {
    let count = |is: fn(&DraftValue) -> bool| settings.iter().filter(|setting| is(&setting.fate)).count();
    let stated = counted(count(|fate| matches!(fate, DraftValue::Stated(_))), "setting");
    let left = count(|fate| matches!(fate, DraftValue::Left { .. }));
    let written = format!(": {stated}, {left} left out with the reason in a comment.");
    Document {
        title: line!["sspr import: wrote ", code(path)],
        blocks: vec![Block::Lines(vec![
            line!["Wrote ", code(path), written],
            line![format!("Next: `sspr plan {}` has no changes.", shell_word(path))],
        ])],
        ..Document::default()
    }
}

/// Returns the draft as `sspr.import/1`; `path` is where it was written, where it was.
pub fn json(path: Option<&str>, text: &str, settings: &[DraftSetting]) -> String {
    let mut stated = serde_json::Map::new();
    let mut left = Vec::new();
    for DraftSetting { setting, fate, .. } in settings {
        match fate {
            DraftValue::Stated(value) => drop(stated.insert(setting.key.to_owned(), value.clone())),
            DraftValue::Left { seen, why } => {
                left.push(json!({"key": setting.key, "seen": seen, "why": why}))
            }
            DraftValue::Unset => {}
        }
    }
    let document: Value =
        json!({"format": "sspr.import/1", "path": path, "stated": stated, "left": left, "spec": text});
    super::json::document(&document)
}
