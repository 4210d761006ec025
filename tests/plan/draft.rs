//! Importing a tenant: what the file says of each setting, and why it leaves others out.

use serde_json::{Value, json};
use snapbox::str;
use sspr::plan::{DraftValue, Inventory, draft};

use super::{Case, PILOT};
use crate::common::assert_shown;

/// A tenant that is imported, and what is known of the groups its policy names.
struct Found {
    case: Case,
    groups: Vec<(String, Option<String>)>,
    is_name_unique: bool,
}

type Row = (&'static str, fn(&mut Found));

const ROWS: [Row; 12] = [
    ("as it starts", |_| {}),
    ("another group has the same name", |found| found.is_name_unique = false),
    ("the scope is None", |found| found.case.policy["enablementType"] = json!(0)),
    ("the scope is None, and no group was ever named", |found| {
        found.case.policy["enablementType"] = json!(0);
        found.without_group(&[]);
    }),
    ("the scope is All, and a group is remembered", |found| found.case.policy["enablementType"] = json!(2)),
    ("the scope is Selected, and no group is named", |found| found.without_group(&[])),
    ("the group is gone", |found| found.without_group(&[(PILOT, None)])),
    ("several groups are named", |found| found.without_group(&[("a", Some("One")), ("b", None)])),
    ("the group is no security group", |found| {
        found.case.group.as_mut().unwrap().security_enabled = Some(false);
    }),
    ("the helpdesk link hides something", |found| {
        found.case.policy["customHelpdeskEmailOrUrl"] = json!("https://contoso.com/\u{202e}moc");
    }),
    ("the helpdesk link is off", |found| found.case.policy["customizeHelpdeskLink"] = json!(false)),
    ("the helpdesk link is off, and none is stored", |found| {
        found.case.policy["customizeHelpdeskLink"] = json!(false);
        found.case.policy["customHelpdeskEmailOrUrl"] = json!("");
    }),
];

impl Found {
    fn without_group(&mut self, named: &[(&str, Option<&str>)]) {
        self.case.group = None;
        self.case.policy["passwordResetEnabledGroupIds"] = named.iter().map(|(id, _)| json!(id)).collect();
        self.groups = named.iter().map(|(id, name)| ((*id).to_owned(), name.map(str::to_owned))).collect();
    }

    fn lines(self) -> Vec<String> {
        let inventory = Inventory {
            tenant: self.case.tenant(),
            groups: self.groups,
            is_name_unique: self.is_name_unique,
            unread: Vec::new(),
        };
        let told = |seen: Option<&Value>| seen.map(|seen| format!(" (has {seen})")).unwrap_or_default();
        let lines = draft(&inventory).into_iter().map(|line| {
            let fate = match &line.fate {
                DraftValue::Stated(value) => value.to_string(),
                DraftValue::Left { seen, why } => format!("left out{}: {why}", told(seen.as_ref())),
                DraftValue::Unset => "nothing to say".to_owned(),
            };
            let note = line.note.map(|note| format!("  # {note}")).unwrap_or_default();
            format!("  {}: {fate}{note}\n", line.setting.key)
        });
        lines.collect()
    }
}

/// Returns what is drafted where nothing is special, and then what differs from that.
fn drafted() -> String {
    let lines = |change: fn(&mut Found)| {
        let groups = vec![(PILOT.to_owned(), Some("Pilot".to_owned()))];
        let mut found = Found { case: Case::new(), groups, is_name_unique: true };
        change(&mut found);
        found.lines()
    };
    let mut text = String::new();
    let mut first = Vec::new();
    for (name, change) in ROWS {
        let lines = lines(change);
        text.push_str(&format!("{name}:\n"));
        text.extend(lines.iter().filter(|line| !first.contains(*line)).map(String::as_str));
        if first.is_empty() {
            first = lines;
        }
    }
    text
}

#[test]
fn what_can_be_said_is_said_and_what_cannot_says_why() {
    assert_shown!(
        drafted(),
        str![[r#"
as it starts:
  scope: left out (has "selected"): a group without a scope means selected
  group: "Pilot"  # b4cc8a36-de1e-5d5b-9644-4edc3fc96a73
  methods.required: 1
  methods.allowed: ["email"]
  methods.security_questions.register: 5
  methods.security_questions.reset: 3
  registration.required: true
  registration.reconfirm_days: 180
  notifications.users: true
  notifications.admins: true
  customization.helpdesk: "help@contoso.com"
  writeback.enabled: left out: portal was not read
  writeback.unlock: left out: portal was not read
  administrators.allow_sspr: left out: graph was not read
another group has the same name:
  group: "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"  # Pilot
the scope is None:
  scope: "none"
the scope is None, and no group was ever named:
  scope: "none"
  group: nothing to say
  methods.allowed: left out (has []): no method is allowed, so no one could reset
the scope is All, and a group is remembered:
  scope: "all"
  group: left out: everyone can reset; the tenant still stores Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73)
  methods.allowed: left out (has []): no method is allowed, so no one could reset
the scope is Selected, and no group is named:
  scope: left out: it is selected, but the group is left out
  group: left out: the tenant names no group
  methods.allowed: left out: methods are enabled per group, and the pilot's group is left out
the group is gone:
  scope: left out: it is selected, but the group is left out
  group: left out: the tenant names b4cc8a36-de1e-5d5b-9644-4edc3fc96a73, which the tenant no longer has
  methods.allowed: left out: methods are enabled per group, and the pilot's group is left out
several groups are named:
  scope: left out: it is selected, but the group is left out
  group: left out: a spec takes one group, in which others can be nested; the tenant names One (a); b, which the tenant no longer has
  methods.allowed: left out: methods are enabled per group, and the pilot's group is left out
the group is no security group:
  group: left out (has "Pilot"): Pilot (b4cc8a36-de1e-5d5b-9644-4edc3fc96a73) is not a security group  # b4cc8a36-de1e-5d5b-9644-4edc3fc96a73
  methods.allowed: left out (has ["email"]): This tenant enables methods per group, and the spec names no group
the helpdesk link hides something:
  customization.helpdesk: left out: it holds hidden characters: https://contoso.com/\u{202e}moc
the helpdesk link is off:
  customization.helpdesk: "none"  # off; stored and kept: help@contoso.com
the helpdesk link is off, and none is stored:
  customization.helpdesk: "none"

"#]]
    );
}
