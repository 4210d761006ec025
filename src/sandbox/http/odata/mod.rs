//! The OData that Graph speaks: what its types have, what is asked in a query, filters, and how answers look.

mod body;
mod errors;
mod request;
mod entity;
mod filter;
mod list;
mod parse_filter;
mod search;

pub(crate) use body::{Sent, is_of_kind};
pub(crate) use entity::{
    EQ, Entity, IN, Kind, NAME, NE, ON_REQUEST, PATH, Property, RANGE, SEARCH, SORT, STARTS,
};
pub(crate) use errors::Refused;
pub(crate) use filter::{Filter, Literal, Operator, Record};
pub(crate) use request::{Ask, DIRECTORY, LIST, NUMBER, OBJECT, Query, SIGN_INS, Scheme, Version};
