//! What is ahead of a pilot and has a date.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{long, share};
use crate::outcome::pilot_report::Report;
use crate::plan::{SERVICE_CHANGES, ServiceChange};
use crate::tenant::Method;
use crate::text::grouped;

/// Something that is ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Next {
    /// Its day, or the last one before which it may not have happened.
    pub(in crate::render) on: Date,
    /// The day or the month, in words.
    pub(in crate::render) when: String,
    /// As in JSON.
    pub(in crate::render) code: &'static str,
    /// What happens.
    pub(in crate::render) message: String,
    /// Who it concerns, in words.
    pub(in crate::render) concerns: String,
    /// How many those are; `None` where they were not counted.
    pub(in crate::render) people: Option<u64>,
}

/// Returns what is ahead, the nearest first.
pub(in crate::render) fn next(report: &Report) -> Vec<Next> {
    let ahead = SERVICE_CHANGES.iter().filter(|change| change.in_force > report.made_on);
    let mut next: Vec<Next> = ahead.filter_map(|change| service_change(report, change)).collect();
    next.extend(reconfirm(report));
    next.sort_by_key(|next| next.on);
    next
}

fn service_change(report: &Report, change: &'static ServiceChange) -> Option<Next> {
    let allows = |method: fn(Method) -> bool| {
        report.rule.allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|allowed| method(*allowed)))
    };
    let (concerns, people) = match change.code {
        "sms-voice-retire" if !allows(Method::is_phone) => return None,
        "sms-voice-retire" if report.is_report_read => {
            let (count, ready) = (report.adoption.on_phones_alone, report.adoption.ready);
            let said = match count {
                0 => "No one who is ready relies on phones alone.".to_owned(),
                count => format!(
                    "{} of the {} who are ready ({}) rely on phones alone.",
                    grouped(count),
                    grouped(ready),
                    share(count, ready)
                ),
            };
            (said, Some(count))
        }
        "sms-voice-retire" => ("How many rely on phones alone is unknown.".to_owned(), None),
        "security-questions-retire" if !allows(|method| method == Method::SecurityQuestions) => return None,
        "security-questions-retire" => {
            let found = report.methods.iter().find(|(word, _)| word == "securityQuestion");
            let count = found.map_or(0, |(_, count)| *count);
            (format!("{} registered them.", grouped(count)), report.is_report_read.then_some(count))
        }
        _ => (String::new(), None),
    };
    let mut message = change.will.to_owned();
    message.get_mut(..1).into_iter().for_each(|first| first.make_ascii_uppercase());
    Some(Next {
        on: change.in_force,
        when: when(change),
        code: change.code,
        message: message + ".",
        concerns,
        people,
    })
}

/// Returns the day of a change, or its month where no day is public.
fn when(change: &ServiceChange) -> String {
    let month = || format!("{}-01", change.announced).parse::<Date>();
    match (change.announced.parse::<Date>(), month()) {
        (Ok(day), _) => long(day),
        (_, Ok(month)) => month.strftime("%B %Y").to_string(),
        _ => change.announced.to_owned(),
    }
}

/// When those are asked again who register today.
fn reconfirm(report: &Report) -> Option<Next> {
    let days =
        report.setting("registration.reconfirm_days")?.as_i64().filter(|days| (1..=730).contains(days))?;
    (report.setting("registration.required")? == true).then_some(())?;
    let on = report.made_on.checked_add(days.days()).ok()?;
    Some(Next {
        on,
        when: long(on),
        code: "reconfirm",
        message: format!("People are asked to re-confirm what they registered, every {days} days."),
        concerns: "Those who register today; others sooner.".to_owned(),
        people: None,
    })
}
