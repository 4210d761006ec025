//! The OData that Graph speaks: what its types have, what is asked in a query, filters, and how answers look.

mod answer;
mod ask;
mod entity;
mod filter;
mod list;
mod parse;
mod search;

pub(crate) use answer::{Refused, Sent, is_of_kind};
pub(crate) use ask::{Ask, DIRECTORY, LIST, NUMBER, OBJECT, Query, Scheme, Version};
pub(crate) use entity::{
    EQ, Entity, IN, Kind, NAME, NE, ON_REQUEST, PATH, Property, RANGE, SEARCH, SORT, STARTS,
};
pub(crate) use filter::{Filter, Literal, Operator, Record};
