//! One page of a selection, written as it goes.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::user_query::Selection;
use crate::sandbox::http::odata::{Ask, Query, Refused};
use crate::sandbox::tenant::{TenantState, User};

pub(super) struct Page<'a> {
    pub(super) ask: &'a Ask,
    pub(super) query: &'a Query,
    /// What the rows are, for the context.
    pub(super) resource: &'a str,
    /// The rows before the people: the groups of a list without a cast.
    pub(super) prefix: Vec<Value>,
}

impl Page<'_> {
    /// Answers one page of a selection.
    ///
    /// # Errors
    /// The order is not that of the names; no page ended where this one should begin.
    pub(super) fn answer(
        self,
        mut selection: Selection<'_>,
        write_row: impl Fn(&TenantState, &User, &mut Vec<u8>) -> bool,
    ) -> Result<Response, Refused> {
        let query = self.query;
        let (filter, top) = (query.filter.as_ref(), query.top.unwrap_or(100));
        if query.orderby.is_some_and(|(property, is_down)| property.name != "userPrincipalName" || is_down) {
            return Err(Refused::not_served("people in an order but that of their userPrincipalName"));
        }
        let (at, behind) = match query.skiptoken.as_deref() {
            None => (0, None),
            Some(token) => self.start(token).ok_or_else(|| Refused::bad("The skip token is not valid."))?,
        };
        let tenant = selection.tenant;
        selection.narrow(filter, behind);
        let count = query.is_counted && query.skiptoken.is_none();
        let count = count.then(|| selection.count(filter) + self.prefix.len());
        // Written as it goes: a page of a thousand people, built as a tree first, would take the sandbox longer than
        // a client that is measured with it.
        let context = Value::from(self.ask.context(self.resource, query, ""));
        let mut answer = format!(r#"{{"@odata.context":{context},"#);
        if let Some(count) = count {
            answer.push_str(&format!(r#""@odata.count":{count},"#));
        }
        answer.push_str(r#""value":["#);
        let (mut answer, mut rows, mut last) = (answer.into_bytes(), 0, String::new());
        for (i, row) in self.prefix.iter().enumerate().skip(at).take(top) {
            separate(&mut answer, rows);
            answer.extend_from_slice(row.to_string().as_bytes());
            (rows, last) = (rows + 1, format!("~{}", i + 1));
        }
        let mut has_more = at + rows < self.prefix.len();
        if !has_more {
            selection.walk(filter, |user| {
                if rows == top {
                    has_more = true;
                    return false;
                }
                separate(&mut answer, rows);
                rows += 1;
                if rows == top {
                    last = tenant.user_principal_name(user).to_lowercase();
                }
                write_row(tenant, user, &mut answer)
            });
        }
        answer.push(b']');
        if has_more {
            let link = Value::from(self.ask.next_link(query, &last));
            answer.extend_from_slice(format!(r#","@odata.nextLink":{link}"#).as_bytes());
        }
        answer.push(b'}');
        Ok(([(CONTENT_TYPE, "application/json")], answer).into_response())
    }

    /// Reads where the page before ended: among the rows before the people, or at a name; `None` where none did.
    fn start<'t>(&self, token: &'t str) -> Option<(usize, Option<&'t str>)> {
        match token.strip_prefix('~') {
            // No user principal name begins so.
            Some(at) => {
                at.parse().ok().filter(|at| (1..=self.prefix.len()).contains(at)).map(|at| (at, None))
            }
            None => token.contains('@').then_some((self.prefix.len(), Some(token))),
        }
    }
}

fn separate(answer: &mut Vec<u8>, rows: usize) {
    if rows > 0 {
        answer.push(b',');
    }
}
