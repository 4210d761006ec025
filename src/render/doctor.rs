//! What `doctor` found, for people, for machines, and for strangers: the last without anybody's names.

use std::fmt::Write as _;

use anstyle::Style;
use serde_json::{Value, json};

use super::style::{DIM, GREEN, RED, YELLOW};
use crate::outcome::examination::{Check, Examination, Observation, Verdict};
use crate::outcome::redaction::redact;
use crate::text::counted;

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Holds => GREEN,
        Verdict::Fails => RED,
        Verdict::Unknown => YELLOW,
        Verdict::Told => DIM,
    }
}

/// Returns the examination for people.
pub fn text(seen: &Examination) -> String {
    let mut text = String::new();
    for check in &seen.checks {
        let Check { code, verdict, help, .. } = check;
        let (style, message) = (style(*verdict), check.message_now());
        let _ = writeln!(text, "{style}{:<7}{style:#} {code:<16} {message}", verdict.as_str());
        if let Some(help) = help {
            let _ = writeln!(text, "        {:16} → {help}", "");
        }
    }
    for Observation { question, answer } in &seen.observations {
        let answer = crate::text::excerpt(&answer.to_string(), 400);
        let _ = writeln!(text, "{DIM}probe  {DIM:#} {question}: {answer}");
    }
    let _ = match seen.failures() {
        0 => writeln!(text, "\nEverything that could be checked holds."),
        failures => writeln!(text, "\n{} failed.", counted(failures, "check")),
    };
    text
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
        .map(|Observation { question, answer }| json!({"question": question, "answer": answer}));
    json!({
        "format": "sspr.doctor/1",
        "checks": checks.collect::<Vec<_>>(),
        "observations": observations.collect::<Vec<_>>(),
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
        seen.add(Check::new("tenant", Verdict::Holds, format!("Contoso (contoso.com, {id})")));
        seen.add(Check::new(
            "sign-in",
            Verdict::Fails,
            format!("ada@fabrikam.com; audience {}", "74658136-14ec-4630-ad9b-26e160ff0fc6"),
        ));
        seen.observe(vec![Observation::new("x", json!({"by": id, "count": 3}))]);
        seen.folders = vec![
            ("/srv/private/grace".to_owned(), "~".to_owned()),
            (r"C:\Users\grace\AppData\Local".to_owned(), "%LOCALAPPDATA%".to_owned()),
        ];
        seen.add(Check::new(
            "state-directory",
            Verdict::Holds,
            "/srv/private/grace/.local/state/sspr can be written".to_owned(),
        ));
        seen.add(Check::new(
            "a",
            Verdict::Holds,
            r"C:\Users\grace\AppData\Local\sspr can be written".to_owned(),
        ));
        seen.add(Check::new(
            "b",
            Verdict::Fails,
            r"/home/linus/cert.pem, D:\Users\linus\x and /Users/linus".to_owned(),
        ));
        let report = redacted(&seen).to_string();
        assert!(report.contains("~/.local/state/sspr can be written"), "{report}");
        assert!(report.contains(r"%LOCALAPPDATA%\\sspr can be written"), "{report}");
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
