//! What `doctor` found, for people, for machines, and for strangers: the last without anybody's names.

use serde_json::{Value, json};

use super::document::{Block, Document, Item, Items, Line, Mark, Names, Tone, code, line};
use super::evidence;
use crate::evidence::Verdict as Seen;
use crate::outcome::doctor::{Check, Examination, Observation, Verdict};
use crate::outcome::redaction::redact;
use crate::text::{counted, excerpt};

/// Returns the examination for people.
pub fn document(seen: &Examination) -> Document {
    let result = match seen.failures() {
        0 => "Every check that could run passed".to_owned(),
        failures => format!("{failures} out of {} failed", counted(seen.checks.len(), "check")),
    };
    let checks = Items::new(&["check", "result"], seen.checks.iter().map(check));
    let answers = Items::new(&["question", "answer"], seen.observations.iter().map(answer));
    let has_answers = !answers.items.is_empty();
    let answers = Block::Details(line!["Undocumented behaviour of the service"], vec![Block::Items(answers)]);
    let otherwise =
        evidence::otherwise_items(seen.beliefs.iter().filter(|judged| judged.verdict() == Seen::Otherwise));
    let has_otherwise = !otherwise.items.is_empty();
    let otherwise = Block::Section(
        line!["The service is otherwise than sspr believes"].into(),
        vec![Block::Items(otherwise)],
    );
    let checks = Block::Items(Items { names: Names::Wide(16), ..checks });
    Document {
        title: line!["sspr doctor: ", &result],
        blocks: [Some(checks), has_answers.then_some(answers), has_otherwise.then_some(otherwise)]
            .into_iter()
            .flatten()
            .collect(),
        closing: line![result, "."],
        ..Document::default()
    }
}

fn check(check: &Check) -> Item {
    let tone = match check.verdict {
        Verdict::Holds => Tone::Good,
        Verdict::Fails => Tone::Bad,
        Verdict::Unknown => Tone::Warn,
        Verdict::Told => Tone::Dim,
    };
    let moment = check.moment.as_ref().map(|moment| line!["; ", moment].private());
    Item {
        mark: Some(Mark(tone, check.verdict.as_str())),
        name: line![code(&check.code)],
        text: line![check.brief.as_ref().unwrap_or(&check.message), moment.unwrap_or_default()],
        help: check.help.as_ref().map(Line::from),
        ..Item::default()
    }
}

fn answer(Observation { question, answer, belief: _ }: &Observation) -> Item {
    let answer = excerpt(&answer.to_string(), 400);
    Item { name: line![code(question)], text: line![code(answer)], ..Item::default() }
}

/// Returns the examination as `sspr.doctor/1`.
pub fn json(seen: &Examination) -> Value {
    let checks = seen.checks.iter().map(|check| {
        let Check { code, verdict, help, .. } = check;
        json!({"code": code, "verdict": verdict.as_str(), "message": check.message_now(), "help": help})
    });
    let observations = seen
        .observations
        .iter()
        .map(|Observation { question, answer, belief }| json!({"question": question, "answer": answer, "belief": belief}));
    json!({
        "format": "sspr.doctor/1",
        "checks": checks.collect::<Vec<_>>(),
        "observations": observations.collect::<Vec<_>>(),
        "beliefs": evidence::beliefs_json(&seen.beliefs),
        "failures": seen.failures(),
    })
}

/// Returns the examination with every name, address and id replaced: the same one by the same pseudonym.
pub fn redacted(seen: &Examination) -> Value {
    let mut document = json(seen);
    redact(&mut document, &seen.names, &seen.folders);
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_report_keeps_what_it_says_and_loses_who_it_is_about() {
        let mut seen = Examination {
            names: vec!["Contoso".to_owned(), "contoso.com".to_owned()],
            ..Examination::default()
        };
        let id = "204a15ea-fa2c-550c-86c1-f84caa53d849";
        seen.add("tenant", Verdict::Holds, format!("Contoso (contoso.com, {id})"));
        seen.add(
            "sign-in",
            Verdict::Fails,
            format!("ada@fabrikam.com; audience {}", "74658136-14ec-4630-ad9b-26e160ff0fc6"),
        );
        seen.observations = vec![Observation::new("x", json!({"by": id, "count": 3}))];
        seen.folders = vec![
            ("/srv/private/grace".to_owned(), "~".to_owned()),
            (r"C:\Users\grace\AppData\Local".to_owned(), "%LOCALAPPDATA%".to_owned()),
        ];
        seen.add(
            "state-directory",
            Verdict::Holds,
            "/srv/private/grace/.local/state/sspr is writable".to_owned(),
        );
        seen.add("a", Verdict::Holds, r"C:\Users\grace\AppData\Local\sspr is writable".to_owned());
        seen.add("b", Verdict::Fails, r"/home/linus/cert.pem, D:\Users\linus\x and /Users/linus".to_owned());
        let report = redacted(&seen).to_string();
        assert!(report.contains("~/.local/state/sspr is writable"), "{report}");
        assert!(report.contains(r"%LOCALAPPDATA%\\sspr is writable"), "{report}");
        assert!(report.contains(r"/cert.pem, D:\\Users\\name-"), "{report}");
        for secret in ["Contoso", "contoso.com", id, "ada", "fabrikam", "grace", "linus"] {
            assert!(!report.contains(secret), "{secret} in {report}");
        }
        assert_eq!(report.matches("id-1").count(), 2, "{report}");
        assert!(
            report.contains("address-1; audience 74658136") && report.contains("\"count\":3"),
            "{report}"
        );
    }
}
