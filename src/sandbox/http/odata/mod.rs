//! The OData that Graph speaks: what is asked in a query, filters, and how answers look.

mod answer;
mod filter;
mod options;
mod parse;

pub(crate) use answer::{METADATA, Refused, list, sent, single};
pub(crate) use filter::{Filter, Literal, Operator, Record};
pub(crate) use options::{Advanced, Options};
