//! The commands that a document names.

use super::document::{Block, Document, Item, Kind, Line};

/// Puts in place of every command that the document names what `completed` makes of it.
#[must_use]
pub fn with_commands(mut document: Document, completed: &dyn Fn(&str) -> String) -> Document {
    let see = &mut |line: &mut Line| complete(line, completed);
    [&mut document.title, &mut document.note, &mut document.closing].into_iter().for_each(&mut *see);
    document.next.iter_mut().for_each(&mut *see);
    in_blocks(&mut document.blocks, see);
    document
}

fn complete(line: &mut Line, completed: &dyn Fn(&str) -> String) {
    let commands = line
        .0
        .iter_mut()
        .filter(|span| matches!(span.kind, Kind::Code | Kind::Quoted) && span.text.starts_with("sspr "));
    commands.for_each(|span| span.text = completed(&span.text));
}

/// Shows each line of the blocks in turn.
fn in_blocks(blocks: &mut [Block], see: &mut dyn FnMut(&mut Line)) {
    for block in blocks {
        match block {
            Block::Lines(lines) | Block::Facts(lines) => lines.iter_mut().for_each(&mut *see),
            Block::Section(heading, blocks) => {
                [&mut heading.text, &mut heading.aside].into_iter().for_each(&mut *see);
                in_blocks(blocks, see);
            }
            Block::Details(heading, blocks) => {
                see(heading);
                in_blocks(blocks, see);
            }
            Block::Folded(heading, blocks, instead) => {
                see(heading);
                in_blocks(blocks, see);
                instead.iter_mut().for_each(&mut *see);
            }
            Block::Fields(fields) => fields.iter_mut().flat_map(|(_, lines)| lines).for_each(&mut *see),
            Block::Table(_, rows) => rows.iter_mut().flatten().for_each(&mut *see),
            Block::Items(items) => items.items.iter_mut().for_each(|item| in_item(item, see)),
            Block::Steps(intro, steps) => {
                see(intro);
                steps.iter_mut().for_each(&mut *see);
            }
        }
    }
}

fn in_item(item: &mut Item, see: &mut dyn FnMut(&mut Line)) {
    let Item { mark: _, group: _, name, text, parts, tags, below, help } = item;
    let parts = parts.iter_mut().flat_map(|(name, text)| [name, text]);
    let below = below.iter_mut().map(|(_, line)| line);
    [name, text].into_iter().chain(parts).chain(tags).chain(below).chain(help).for_each(see);
}
