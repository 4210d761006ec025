//! `init`: writes a first spec from the answers to six questions.

use serde_json::{Value, json};

use crate::plan::{DraftSetting, DraftValue, spec_of, spec_text};
use crate::spec_file;
use crate::tenant::{Method, SETTINGS, ValueKind, setting};
use crate::text::{page, visible};

const TENANT: &str = "tenant";
/// What leaves an answer out, or turns it off.
const NONE: &str = "none";

struct Question {
    key: &'static str,
    text: &'static str,
    start: &'static str,
}

const QUESTIONS: [Question; 6] = [
    Question {
        key: TENANT,
        text: "Which tenant is it for, by a domain of it? sspr refuses every other; none leaves it open",
        start: NONE,
    },
    Question {
        key: "group",
        text: "Which security group is the pilot for? Its display name or object id",
        start: "SSPR-Pilot",
    },
    Question {
        key: "methods.allowed",
        text: "Which methods can they reset with? Numbers or names, separated by commas",
        start: "1, 2, 3, 4, 5",
    },
    Question { key: "methods.required", text: "How many methods does a reset require, 1 or 2?", start: "1" },
    Question {
        key: "registration.required",
        text: "Must they register their methods when they sign in? yes or no",
        start: "yes",
    },
    Question {
        key: "customization.helpdesk",
        text: "Where does \"Contact your administrator\" link to? none, an e-mail address, or a URL",
        start: "none",
    },
];

/// Asks every question until its answer fits, and returns the spec file made of the answers and of what Microsoft's
/// tutorial sets beside them; `None` where the person ended it. `ask` shows a text and returns the line typed; `tenant` is
/// the one that somebody is signed in to, which may be meant.
pub fn init(tenant: Option<&str>, ask: impl FnMut(&str) -> Option<String>) -> Option<String> {
    ask_all(tenant, ask).map(|answers| text(&answers))
}

fn ask_all(
    tenant: Option<&str>,
    mut ask: impl FnMut(&str) -> Option<String>,
) -> Option<Vec<(&'static str, Value)>> {
    // What the loader would refuse is nothing to begin with.
    let tenant = tenant.filter(|tenant| complaint_about(tenant, &[(TENANT, json!(tenant))]).is_none());
    let mut answers: Vec<(&'static str, Value)> = Vec::new();
    for (number, question) in QUESTIONS.iter().enumerate() {
        let mut complaint = String::new();
        loop {
            let Question { key, text, start } = *question;
            let start = tenant.filter(|_| key == TENANT).unwrap_or(start);
            let typed = ask(&format!("{complaint}{}. {text}\n{}   [{start}] ", number + 1, choices(key)))?;
            let typed = if typed.trim().is_empty() { start } else { typed.trim() };
            let mut attempt = answers.clone();
            attempt.push((key, value(key, typed)));
            match complaint_about(typed, &attempt) {
                None => {
                    answers = attempt;
                    break;
                }
                Some(message) => complaint = format!("   Not a valid answer: {message}.\n"),
            }
        }
    }
    Some(answers)
}

fn complaint_about(typed: &str, answers: &[(&'static str, Value)]) -> Option<String> {
    // An arrow key types an escape sequence.
    if visible(typed) != typed {
        return Some(format!("there are hidden characters in {}", visible(typed)));
    }
    let given = answers.iter().filter(|(_, value)| !value.is_null());
    let spec = spec_of(given.map(|(key, value)| (*key, value)));
    let error = spec_file::load("answers", spec.to_string().as_bytes()).err()?;
    Some(error.by_key().into_iter().next().map(|(_, message)| message).unwrap_or_default())
}

fn choices(key: &str) -> String {
    if setting(key).is_none_or(|setting| setting.kind != ValueKind::Methods) {
        return String::new();
    }
    let listed = Method::ALL.iter().enumerate();
    listed.map(|(at, method)| format!("   {} {}: {}\n", at + 1, method.as_str(), method.about())).collect()
}

/// Returns what was typed, as the spec says it. What is not understood stays text, and the loader says why not.
fn value(key: &str, typed: &str) -> Value {
    match setting(key).map(|setting| setting.kind) {
        None if typed.eq_ignore_ascii_case(NONE) => Value::Null,
        Some(ValueKind::Methods) => {
            let by_number = |word: &str| {
                let at = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                at.and_then(|at| Method::ALL.get(at)).map(|method| method.as_str().to_owned())
            };
            let words = typed.split([',', ' ']).map(str::trim).filter(|word| !word.is_empty());
            json!(words.map(|word| by_number(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>())
        }
        Some(ValueKind::Number { .. }) => {
            typed.parse::<u64>().map_or_else(|_| json!(typed), |number| json!(number))
        }
        Some(ValueKind::Switch { .. }) => match typed.to_ascii_lowercase().as_str() {
            "y" | "yes" | "true" => json!(true),
            "n" | "no" | "false" => json!(false),
            _ => json!(typed),
        },
        _ => json!(typed),
    }
}

/// Returns the file: the answers, and what Microsoft's tutorial sets beside them.
fn text(answers: &[(&'static str, Value)]) -> String {
    let answer = |key: &str| answers.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
    let registers = answer("registration.required") != Some(json!(false));
    let lines: Vec<DraftSetting> = SETTINGS
        .iter()
        .map(|setting| {
            let fate = match (answer(setting.key), setting.key, setting.kind) {
                (Some(value), _, _) => DraftValue::Stated(value),
                (None, "notifications.users" | "notifications.admins", _) => DraftValue::Stated(json!(true)),
                (None, "registration.reconfirm_days", ValueKind::Number { start, .. }) if registers => {
                    DraftValue::Stated(json!(start))
                }
                _ => DraftValue::Unset,
            };
            DraftSetting { setting, fate, note: Some(setting.about.to_owned()) }
        })
        .collect();
    let tenant = answer(TENANT).and_then(|tenant| tenant.as_str().map(str::to_owned));
    let reference = page("examples/reference.yaml");
    let mut head = vec![
        "A self-service password reset pilot, written by `sspr init`.".to_owned(),
        format!("A key that is left out is unmanaged: sspr never writes it. {reference} has every key."),
    ];
    if tenant.is_none() {
        head.push(
            "Add `tenant:` with one of your domains, so that sspr refuses every other tenant.".to_owned(),
        );
    }
    spec_text(&head, tenant.as_deref(), &lines, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers in order; then the person ends it.
    fn answered(typed: &[&str]) -> (Option<Vec<(&'static str, Value)>>, String) {
        let mut rest = typed.iter();
        let mut shown = String::new();
        let answers = ask_all(None, |text| {
            shown.push_str(text);
            rest.next().map(|&line| line.to_owned())
        });
        (answers, shown)
    }

    #[test]
    fn enter_takes_what_is_in_brackets_and_makes_microsofts_pilot() {
        let (answers, _) = answered(&["", "", "\n", " ", "", ""]);
        let text = text(&answers.unwrap());
        let spec = spec_file::load("x", text.as_bytes()).unwrap();
        let pilot = spec_file::load("x", include_bytes!("../../examples/pilot.yaml")).unwrap();
        for setting in &SETTINGS {
            assert_eq!(spec.value(setting.key), pilot.value(setting.key), "{}", setting.key);
        }
    }

    #[test]
    fn what_does_not_fit_is_asked_again() {
        let (answers, shown) = answered(&[
            "contoso",
            "contoso.com",
            "\u{1b}[A",
            "ops: \"#1\" 'pilot'",
            "5",
            "6, email",
            "2",
            "perhaps",
            "no",
            "somewhere",
            "help@contoso.com",
        ]);
        let answers = answers.unwrap();
        assert!(
            shown.contains("Not a valid answer: the authenticator app cannot be the only method."),
            "{shown}"
        );
        assert_eq!(shown.matches("Not a valid answer").count(), 5, "{shown}");
        let text = text(&answers);
        let spec = spec_file::load("x", text.as_bytes()).unwrap();
        assert_eq!(spec.tenant(), Some("contoso.com"));
        assert_eq!(spec.value("group"), Some(&json!("ops: \"#1\" 'pilot'")));
        assert_eq!(spec.value("methods.allowed"), Some(&json!(["email", "security_questions"])));
        assert_eq!(spec.value("methods.required"), Some(&json!(2)));
        assert_eq!(spec.value("registration.required"), Some(&json!(false)));
        assert_eq!(spec.value("registration.reconfirm_days"), None);
        assert_eq!(spec.value("customization.helpdesk"), Some(&json!("help@contoso.com")));
    }

    #[test]
    fn the_tenant_that_somebody_is_signed_in_to_is_taken_by_enter_and_left_out_by_a_word() {
        for (signed_in, typed, tenant) in [
            (Some("contoso.onmicrosoft.com"), "", Some("contoso.onmicrosoft.com")),
            (Some("contoso.onmicrosoft.com"), "None", None),
            (Some("contoso.onmicrosoft.com"), "fabrikam.com", Some("fabrikam.com")),
            (Some("\u{1b}[31mnot a domain"), "", None),
            (None, "", None),
        ] {
            let mut rest = [typed, "", "", "", "", ""].into_iter();
            let text = init(signed_in, |_| rest.next().map(str::to_owned)).unwrap();
            let spec = spec_file::load("x", text.as_bytes()).unwrap();
            assert_eq!(spec.tenant(), tenant, "{signed_in:?} {typed}");
            assert_eq!(text.contains("Add `tenant:`"), tenant.is_none(), "{text}");
        }
    }

    #[test]
    fn it_can_be_ended_at_any_question() {
        for given in 0..QUESTIONS.len() {
            assert_eq!(answered(&[""; 6][..given]).0, None);
        }
    }
}
