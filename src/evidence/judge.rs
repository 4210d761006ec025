//! Holds exchanges against the list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::endpoint::CONFIGURATIONS;
use super::field::{described, is_id, is_list, kind_of};
use super::kept::Kept;
use super::path::{is_about, is_field_name, template};
use super::tally::Tally;
use super::{Audience, Body, Endpoint, Evidence, Exchange, NewField, Shape, Thing, UnknownRequest};
use crate::tenant::Surface;

/// Holds exchanges against every belief. They are taken in the order of their times where each has one, else as they come.
pub fn judge(exchanges: &[Exchange]) -> Evidence {
    let mut ordered: Vec<&Exchange> = exchanges.iter().collect();
    if ordered.iter().all(|exchange| exchange.started.is_some()) {
        ordered.sort_by_key(|exchange| exchange.started);
    }
    let mut judge = Judge::default();
    for exchange in ordered {
        judge.take(exchange);
    }
    judge.finish()
}

#[derive(Default)]
struct Judge {
    tally: Tally,
    /// Statuses of each request other than the one of its success.
    refused: BTreeMap<&'static str, BTreeSet<u16>>,
    succeeded: BTreeSet<&'static str>,
    kept: Kept,
    new_fields: BTreeSet<NewField>,
    unknown: BTreeMap<(Surface, &'static str, String), (BTreeSet<u16>, usize)>,
}

impl Judge {
    fn take(&mut self, exchange: &Exchange) {
        let mut at_path = Endpoint::at(exchange.surface, &exchange.path);
        let endpoint = at_path.find(|endpoint| endpoint.method == exchange.method);
        // Broken off, or answered from the browser's own store: nothing is seen of the API.
        if exchange.status.is_some_and(|status| status < 200 || (300..400).contains(&status)) {
            return;
        }
        if is_about(exchange.surface, &exchange.path) {
            self.of_every_request(exchange);
        }
        match endpoint {
            Some(endpoint) => self.of_endpoint(endpoint, exchange),
            None => self.unknown(exchange),
        }
    }

    fn of_every_request(&mut self, exchange: &Exchange) {
        let code = match exchange.surface {
            Surface::Portal => "portal-audience",
            Surface::Graph => "graph-audience",
        };
        match &exchange.audience {
            Audience::NotSeen => {}
            Audience::Believed => self.tally.expected(code),
            Audience::Other(other) => self.tally.otherwise(code, other.clone()),
        }
        if exchange.surface == Surface::Graph {
            return;
        }
        if let Some(has_id) = exchange.has_request_id.filter(|_| exchange.is_done()) {
            self.tally
                .note("portal-request-id", (!has_id).then(|| "a request without it succeeds".to_owned()));
        }
        if matches!(exchange.status, Some(400 | 403)) {
            let misfit = match &exchange.answered {
                Body::Json(error) => {
                    let is_one =
                        ["ClassName", "Message", "ClientData"].iter().all(|name| error.get(name).is_some());
                    (!is_one).then(|| described(error))
                }
                Body::Other => Some("text".to_owned()),
                Body::Nothing => Some("nothing".to_owned()),
                Body::NotSeen | Body::Cut => return,
            };
            self.tally.note("portal-error", misfit);
        }
    }

    fn of_endpoint(&mut self, endpoint: &'static Endpoint, exchange: &Exchange) {
        let code = endpoint.code;
        match exchange.status {
            Some(status @ (404 | 405 | 410 | 501)) if !endpoint.is_of_one() => {
                self.tally.otherwise(code, format!("answered with {status}"));
            }
            Some(status) if !exchange.is_done() => {
                self.refused.entry(code).or_default().insert(status);
            }
            status => {
                self.tally.expected(code);
                if let Some(status) = status {
                    self.succeeded.insert(code);
                    let misfit = (status != endpoint.status).then(|| status.to_string());
                    self.tally.note(&format!("{code}-status"), misfit);
                }
                self.of_success(endpoint, exchange);
            }
        }
    }

    fn of_success(&mut self, endpoint: &'static Endpoint, exchange: &Exchange) {
        self.of_answer(endpoint, exchange);
        let place = (exchange.tenant.clone(), exchange.path.join("/").to_ascii_lowercase());
        if let (Some(thing), Some(Value::Object(sent))) = (endpoint.sends, exchange.sent.json()) {
            self.of_sent(thing, sent);
            self.kept.wrote(place, endpoint.code, sent, exchange.ended, &mut self.tally);
        } else if let (false, Some(Value::Object(read))) = (endpoint.is_write(), exchange.answered.json()) {
            self.kept.read(&place, exchange.started, read, &mut self.tally);
            for method in read.get(CONFIGURATIONS).and_then(Value::as_array).into_iter().flatten() {
                let (Some(id), Value::Object(read)) = (method["id"].as_str(), method) else { continue };
                let path = format!("{}/{CONFIGURATIONS}/{id}", place.1).to_ascii_lowercase();
                self.kept.read(&(place.0.clone(), path), exchange.started, read, &mut self.tally);
            }
        }
    }

    fn of_answer(&mut self, endpoint: &Endpoint, exchange: &Exchange) {
        if exchange.answered.is_lost() {
            return;
        }
        let code = format!("{}-answer", endpoint.code);
        let seen = match &exchange.answered {
            Body::Json(json) => described(json),
            Body::Other => "text that is no JSON".to_owned(),
            _ => "nothing".to_owned(),
        };
        let json = exchange.answered.json();
        let is_fit = match endpoint.answer {
            Shape::Object(_) => json.is_some_and(Value::is_object),
            Shape::True => json == Some(&Value::Bool(true)),
            Shape::Boolean => json.is_some_and(Value::is_boolean),
            Shape::Ids => json.is_some_and(|list| is_list(list, |item| item.as_str().is_some_and(is_id))),
            Shape::Rows(_) => json.is_some_and(|json| json["value"].is_array()),
            Shape::Nothing => exchange.answered == Body::Nothing,
            Shape::Anything => return,
        };
        self.tally.note(&code, (!is_fit).then_some(seen));
        match (endpoint.answer, json) {
            (Shape::Object(thing), Some(Value::Object(fields))) => {
                self.of_fields(thing, fields, !exchange.is_selective());
                if thing == Thing::Policy {
                    self.of_group_name(fields, exchange);
                }
            }
            (Shape::Rows(Some(thing)), Some(json)) => {
                for row in json["value"].as_array().into_iter().flatten().filter_map(Value::as_object) {
                    self.of_fields(thing, row, !exchange.is_selective());
                }
            }
            _ => {}
        }
    }

    fn of_fields(&mut self, thing: Thing, fields: &Map<String, Value>, is_whole: bool) {
        for field in thing.fields() {
            let code = format!("{}.{}", thing.as_str(), field.name);
            match fields.get(field.name) {
                Some(value) => self.tally.note(&code, field.misfit(value)),
                None if is_whole && field.is_always_there() => self.tally.otherwise(&code, "missing"),
                None => {}
            }
        }
        for (name, value) in fields.iter().filter(|(name, _)| thing.is_new(name)) {
            let name = Some(name.clone()).filter(|name| is_field_name(name));
            self.new_fields.insert(NewField { thing, name, kind: kind_of(value).to_owned() });
        }
        if thing == Thing::Methods {
            let methods = fields.get(CONFIGURATIONS).and_then(Value::as_array).into_iter().flatten();
            for method in methods.filter_map(Value::as_object) {
                self.of_fields(Thing::Method, method, is_whole);
            }
        }
    }

    fn of_sent(&mut self, thing: Thing, sent: &Map<String, Value>) {
        self.of_fields(thing, sent, false);
        match thing {
            Thing::Policy => {
                let missing: Vec<&str> = Thing::Policy
                    .fields()
                    .map(|field| field.name)
                    .filter(|name| !sent.contains_key(*name))
                    .collect();
                let missing = match missing.len() {
                    0 => None,
                    1..=6 => Some(format!("without {}", missing.join(", "))),
                    many => Some(format!("without {many} of its fields")),
                };
                self.tally.note("policy-write-whole", missing);
            }
            Thing::Writeback => {
                let is_part = sent.len() < Thing::Writeback.fields().count();
                let is_alone = sent.len() == 1 || !sent.contains_key("accountUnlockEnabled");
                let seen = if is_part { "`accountUnlockEnabled` with other fields" } else { "sent whole" };
                self.tally.note("writeback-write-part", (!(is_part && is_alone)).then(|| seen.to_owned()));
            }
            Thing::Method => {
                let is_typed = sent.contains_key("@odata.type");
                self.tally.note("method-write-type", (!is_typed).then(|| "sent without it".to_owned()));
            }
            Thing::Authorization | Thing::Methods | Thing::Group | Thing::Synchronization => {}
        }
    }

    fn of_group_name(&mut self, policy: &Map<String, Value>, exchange: &Exchange) {
        let is_asked = exchange.query.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("getPasswordResetEnabledGroup") && value.eq_ignore_ascii_case("true")
        });
        let has_group =
            policy.get("passwordResetEnabledGroupIds").and_then(Value::as_array).is_some_and(|ids| {
                ids.iter()
                    .filter_map(Value::as_str)
                    .any(|id| id.bytes().any(|byte| byte.is_ascii_alphanumeric() && byte != b'0'))
            });
        let Some(name) = policy.get("passwordResetEnabledGroupName").and_then(Value::as_str) else { return };
        let misfit = match (is_asked, has_group, name.is_empty()) {
            // There is no name to fill in.
            (_, false, true) => return,
            (true, true, true) => Some("empty although it was asked for"),
            (false, _, false) => Some("filled in without being asked for"),
            (true, _, false) | (false, true, true) => None,
        };
        self.tally.note("policy-group-name", misfit.map(str::to_owned));
    }

    fn unknown(&mut self, exchange: &Exchange) {
        let method =
            ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().find(|known| *known == exchange.method);
        let method = method.unwrap_or("another method");
        let mut writes =
            Endpoint::at(exchange.surface, &exchange.path).filter(|endpoint| endpoint.is_write());
        if let Some(write) = writes.next().filter(|_| exchange.method != "GET" && exchange.is_done()) {
            self.tally.otherwise(write.code, method);
        }
        if !is_about(exchange.surface, &exchange.path) {
            return;
        }
        let path = template(exchange.surface, &exchange.path);
        let (statuses, times) = self.unknown.entry((exchange.surface, method, path)).or_default();
        statuses.extend(exchange.status);
        *times += 1;
    }

    fn finish(mut self) -> Evidence {
        // What went wrong beside a success is a moment's; where there was nothing else, it is what was seen. That someone
        // may not, or is to wait, says nothing of what the answer would be.
        let mut refused = Vec::new();
        for (code, statuses) in self.refused.into_iter().filter(|(code, _)| !self.succeeded.contains(code)) {
            let (own, others): (Vec<u16>, Vec<u16>) =
                statuses.into_iter().partition(|status| [401, 403, 429].contains(status));
            for status in others {
                self.tally.otherwise(&format!("{code}-status"), status.to_string());
            }
            if !own.is_empty() {
                refused.push((code, own));
            }
        }
        self.kept.finish(&mut self.tally);
        let unknown = self.unknown.into_iter().map(|((surface, method, path), (statuses, times))| {
            UnknownRequest { surface, method, path, statuses: statuses.into_iter().collect(), times }
        });
        Evidence {
            judged: self.tally.judged(),
            refused,
            new_fields: self.new_fields.into_iter().collect(),
            unknown_requests: unknown.collect(),
        }
    }
}
