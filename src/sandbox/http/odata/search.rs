//! Parses `$search`: quoted clauses of a property and words, joined by `AND` and `OR`.

use super::entity::Entity;
use super::errors::Refused;
use super::filter::Filter;

/// Parses a search over a type: `"displayName:pilot" OR "description:reset"`. `AND` binds closer.
///
/// # Errors
/// It is no search, or names a property that cannot be searched.
pub(super) fn parse(entity: &Entity, text: &str) -> Result<Filter, Refused> {
    let broken = || Refused::bad(format!("Syntax error in the $search query option: {text}"));
    let (mut any, mut all, mut rest) = (Vec::new(), Vec::new(), text.trim());
    loop {
        let (clause, behind) =
            rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or_else(broken)?;
        let (property, words) = clause.split_once(':').ok_or_else(broken)?;
        let property = entity.searched(property.trim())?.name;
        let words = words.to_lowercase();
        let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let before = all.len();
        all.extend(words.map(|word| Filter::Word(property, word.to_owned())));
        if all.len() == before {
            return Err(broken());
        }
        rest = behind.trim_start();
        match rest.split_once(char::is_whitespace) {
            None if rest.is_empty() => break,
            Some(("AND", more)) => rest = more.trim_start(),
            Some(("OR", more)) => {
                any.push(Filter::All(std::mem::take(&mut all)));
                rest = more.trim_start();
            }
            _ => return Err(broken()),
        }
    }
    any.push(Filter::All(all));
    Ok(if any.len() == 1 { any.remove(0) } else { Filter::Any(any) })
}
