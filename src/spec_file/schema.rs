//! The JSON Schema (2020-12) of a spec file, for editors and validators: made from the table the loader reads.
//!
//! A generated test holds it and the loader together. What JSON Schema cannot say is listed in docs/spec.md.

use serde_json::{Map, Value, json};

use super::ROLLOUT;
use super::load::MAX_GROUP_NAME;
use super::rollout::{MOST_DAYS, MOST_RESETS, MOST_RINGS};
use crate::finding_docs::FindingDoc;
use crate::tenant::{Method, PortalPage, SETTINGS, Scope, Setting, ValueKind, setting};

/// Text that neither begins nor ends with white space.
const TRIMMED: &str = r"^\P{White_Space}(?:[\s\S]*\P{White_Space})?$";
/// A tenant id, or something with a dot that can be a domain.
const TENANT: &str = r"^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[\p{Alphabetic}\p{N}.-]*\.[\p{Alphabetic}\p{N}.-]*)$";
/// `none`, an e-mail address, or an http(s) URL without a user in it. The host is left to the loader.
const HELPDESK: &str = concat!(
    r"^(?:none",
    r#"|[^\p{White_Space}\p{Cc}<>()\[\]\\,;:"@]+@[^\p{White_Space}\p{Cc}<>()\[\]\\,;:"@.]+"#,
    r#"(?:\.[^\p{White_Space}\p{Cc}<>()\[\]\\,;:"@.]+)+"#,
    r"|[hH][tT][tT][pP][sS]?://[^\p{White_Space}\p{Cc}/?#\\@]+(?:[/?#\\][^\p{White_Space}\p{Cc}]*)?)$",
);

/// Returns the schema.
pub fn schema() -> Value {
    let version = json!({
        "title": "Version of this format",
        "description": "The format of this file. Required.",
        "const": super::VERSION,
    });
    let tenant = json!({
        "title": "Tenant",
        "description": "The tenant's id, or one of its verified domains. When present, every command refuses any \
                        other tenant.",
        "type": "string",
        "pattern": TENANT,
        "patternErrorMessage": "Write the tenant's GUID, or a verified domain.",
        "examples": ["contoso.onmicrosoft.com", "204a15ea-fa2c-550c-86c1-f84caa53d849"],
    });
    let accept = json!({
        "title": "Accepted findings",
        "description": "Codes of findings that the owner of this file has read and accepts: they are counted and no longer \
                        shown. Errors and guards cannot be accepted; `sspr explain CODE` says what a finding is about.",
        "type": "array",
        "uniqueItems": true,
        "items": accepted_codes(),
        "examples": [["no-helpdesk", "sms-voice-retire"]],
    });
    let special = [("version", version), ("tenant", tenant), ("accept", accept)];
    let mut properties = Map::from_iter(special.map(|(key, schema)| (key.to_owned(), schema)));
    for setting in &SETTINGS {
        put(&mut properties, "", setting.key, setting);
    }
    properties.insert(ROLLOUT.to_owned(), rollout());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A self-service password reset pilot, for sspr",
        "description": "A key that is left out is unmanaged: sspr never writes it.",
        "type": "object",
        "required": ["version"],
        "additionalProperties": false,
        "propertyNames": no_merge_key(),
        "properties": properties,
        "allOf": rules(""),
    })
}

fn rollout() -> Value {
    let number = |title: &str, about: &str, most: u64, example: u64| {
        json!({"title": title, "description": about, "type": "integer", "minimum": 0, "maximum": most,
               "examples": [example]})
    };
    let map = |title: &str, about: &str, required: &[&str], properties: Value| {
        json!({"title": title, "description": about, "type": "object", "additionalProperties": false,
               "required": required, "propertyNames": no_merge_key(), "properties": properties})
    };
    let ready = json!({
        "title": "Share that is ready",
        "description": "The share of the people in the rings before it who can reset, without guests, administrators and \
                        disabled accounts.",
        "type": "string", "pattern": "^(?:100|[1-9]?[0-9])%$",
        "patternErrorMessage": "Write a whole number from 0% to 100%, with its sign.",
        "examples": ["80%"],
    });
    let after = map(
        "What the ring waits for",
        "The ring is opened once all of it is so; --allow-early opens it before.",
        &[],
        json!({
            "ready": ready,
            "days": number("Days", "Days since the ring before it was opened.", MOST_DAYS, 7),
            "resets": number("Resets", "Resets that succeeded since then.", MOST_RESETS, 5),
        }),
    );
    let ring = |more: Value| {
        let mut properties = json!({"group": {
            "title": "Group of the ring",
            "description": "A security group: its whole display name or its object id.",
            "type": "string", "pattern": TRIMMED, "maxLength": MAX_GROUP_NAME,
            "patternErrorMessage": "Write the group's display name or object id, without space around it.",
            "examples": ["SSPR-Ring-IT"],
        }});
        extend(&mut properties, more);
        map("Ring", "A group that is nested into the pilot group.", &["group"], properties)
    };
    map(
        "Roll-out",
        "The groups that are nested into the pilot group one after the other. Other members of the pilot group are never \
         touched.",
        &["open", "rings"],
        json!({
            "open": number("Open rings", "How many of the rings are in the pilot group, from the first on.",
                           MOST_RINGS as u64, 1),
            "rings": {
                "title": "Rings", "description": "The groups, in the order in which they are opened.",
                "type": "array", "minItems": 1, "maxItems": MOST_RINGS,
                "prefixItems": [ring(json!({}))],
                "items": ring(json!({"after": after})),
                "examples": [[{"group": "SSPR-Ring-IT"}, {"group": "SSPR-Ring-Office", "after": {"ready": "80%", "days": 7}}]],
            },
        }),
    )
}

fn extend(properties: &mut Value, more: Value) {
    if let (Value::Object(properties), Value::Object(more)) = (properties, more) {
        properties.extend(more);
    }
}

fn accepted_codes() -> Value {
    let sections: Vec<FindingDoc> = FindingDoc::all().filter(FindingDoc::is_acceptable).collect();
    json!({
        "title": "Finding",
        "enum": sections.iter().map(|section| section.code).collect::<Vec<_>>(),
        "enumDescriptions": sections.iter().map(FindingDoc::first_sentence).collect::<Vec<_>>(),
    })
}

/// Puts a setting under its key; `within` is the section the properties are of ("" is the top).
fn put(properties: &mut Map<String, Value>, within: &str, key: &str, setting: &Setting) {
    let Some((section, rest)) = key.split_once('.') else {
        properties.insert(key.to_owned(), value(setting));
        return;
    };
    let dotted = format!("{within}.{section}").trim_start_matches('.').to_owned();
    let schema = properties.entry(section).or_insert_with(|| start_section(&dotted, setting.page));
    if let Some(inner) = schema["properties"].as_object_mut() {
        put(inner, &dotted, rest, setting);
    }
}

/// Editors lay what stands under `<<` over a section before they look at its keys, but look at every key's name.
pub(super) fn no_merge_key() -> Value {
    json!({"not": {"const": "<<"}, "errorMessage": "A spec has no merge keys: write the keys out."})
}

fn start_section(section: &str, page: PortalPage) -> Value {
    let title = match section.rsplit_once('.') {
        None => page.title().to_owned(),
        Some((_, word)) => format!("{}: {}", page.title(), word.replace('_', " ")),
    };
    let mut schema = json!({
        "title": title,
        "description": format!("Password reset settings under {}.", page.title()),
        "type": "object",
        "additionalProperties": false,
        "propertyNames": no_merge_key(),
        "properties": {},
    });
    let rules = rules(section);
    if !rules.is_empty() {
        schema["allOf"] = json!(rules);
    }
    schema
}

fn value(setting: &Setting) -> Value {
    let mut schema = match setting.kind {
        ValueKind::Switch { .. } => json!({"type": "boolean", "examples": [true]}),
        ValueKind::Number { min, max, start, .. } => {
            json!({"type": "integer", "minimum": min, "maximum": max, "examples": [start]})
        }
        ValueKind::Scope => json!({
            "enum": Scope::ALL.map(Scope::as_str),
            "enumDescriptions": Scope::ALL.map(Scope::about),
            "examples": [Scope::Selected.as_str()],
        }),
        ValueKind::Group => json!({
            "type": "string", "pattern": TRIMMED, "maxLength": MAX_GROUP_NAME,
            "patternErrorMessage": "Write the group's display name or object id, without space around it.",
            "examples": ["SSPR-Pilot", "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"],
        }),
        ValueKind::Methods => methods(),
        ValueKind::Helpdesk => json!({
            "type": "string", "pattern": HELPDESK,
            "patternErrorMessage": "Write `none`, an e-mail address, or an http(s) URL.",
            "examples": ["none", "helpdesk@contoso.com", "https://help.contoso.com"],
        }),
    };
    schema["title"] = json!(setting.label);
    // Completion shows the description alone, so the portal's words are in it.
    let (page, label) = (setting.page.title(), setting.label);
    schema["description"] = json!(format!("{} In the portal: {page} > {label}.", setting.about));
    schema
}

fn methods() -> Value {
    let alone: Vec<_> = Method::ALL.into_iter().filter(|method| !method.is_mobile_app()).collect();
    let start = Method::ALL.into_iter().filter(|method| *method != Method::SecurityQuestions);
    json!({
        "type": "array",
        "minItems": 1,
        "uniqueItems": true,
        "items": {
            "title": "Method",
            "enum": Method::ALL.map(Method::as_str),
            "enumDescriptions": Method::ALL.map(|method| format!("{}: {}", method.label(), method.about())),
        },
        "allOf": [{
            "contains": {"enum": alone.into_iter().map(Method::as_str).collect::<Vec<_>>()},
            "errorMessage": "The authenticator app cannot be the only method.",
        }],
        "examples": [start.map(Method::as_str).collect::<Vec<_>>()],
    })
}

/// Returns the rules of `check.rs` between the keys of a section ("" is the top).
fn rules(section: &str) -> Vec<Value> {
    let rule = |key: &str, is: Value, then: Value| json!({"if": {"required": [key], "properties": {key: {"const": is}}}, "then": then});
    // `errorMessage` is what editors show instead of their own words.
    let forbidden = |key: &str, why: &str| json!({"properties": {key: false}, "errorMessage": why});
    match section {
        "" => vec![
            json!({"if": {"required": [ROLLOUT]}, "then": {"required": ["group"]}}),
            rule("scope", json!(Scope::Selected.as_str()), json!({"required": ["group"]})),
            rule(
                "scope",
                json!(Scope::All.as_str()),
                forbidden("group", "`scope: all` reaches everyone: remove `scope` or `group`."),
            ),
        ],
        "methods" => vec![rule("required", json!(2), json!({"properties": {"allowed": {"minItems": 2}}}))],
        // What is asked is at most what is registered; every number but the largest says something.
        "methods.security_questions" => {
            let numbers = setting("methods.security_questions.register").map(|setting| setting.kind);
            let Some(ValueKind::Number { min, max, .. }) = numbers else { return Vec::new() };
            let most = |number: u64| json!({"properties": {"reset": {"maximum": number}}});
            (min..max).map(|number| rule("register", json!(number), most(number))).collect()
        }
        "registration" => vec![rule(
            "required",
            json!(false),
            forbidden("reconfirm_days", "The portal only takes this when registration is required."),
        )],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::load::SPECIAL;
    use super::*;

    #[test]
    fn every_key_says_what_it_is() {
        fn look(at: &str, schema: &Value, seen: &mut Vec<String>) {
            for word in ["title", "description"] {
                assert!(schema[word].as_str().is_some_and(|text| !text.is_empty()), "{at} has no {word}");
            }
            match schema["properties"].as_object() {
                None => {
                    let is_told =
                        at == "version" || schema["examples"].as_array().is_some_and(|e| !e.is_empty());
                    assert!(is_told, "{at} has no examples");
                    seen.push(at.to_owned());
                }
                Some(keys) => keys.iter().for_each(|(key, schema)| {
                    look(format!("{at}.{key}").trim_start_matches('.'), schema, seen);
                }),
            }
        }
        let mut seen = Vec::new();
        look("", &schema(), &mut seen);
        let mut known: Vec<_> = SETTINGS.iter().map(|setting| setting.key).chain(SPECIAL).collect();
        known.extend(["rollout.open", "rollout.rings"]);
        seen.sort();
        known.sort_unstable();
        assert_eq!(seen, known);
    }
}
