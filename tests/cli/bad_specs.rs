//! Specs that are wrong: each is refused with 65 and a place, and nothing is sent.

use sspr::sandbox::Seed;
use sspr::sandbox::{Sandbox, TenantState};

use crate::common::Scene;

/// (what is wrong, the file, `line:column` told, words told)
const BAD: &[(&str, &str, &str, &[&str])] = &[
    (
        "an accepted finding that is none",
        "version: 1\naccept: [sms-voice-retired]\n",
        "2:10",
        &["there is no finding `sms-voice-retired`", "did you mean `sms-voice-retire`?"],
    ),
    (
        "an accepted finding like none",
        "version: 1\naccept: [zzz]\n",
        "2:10",
        &["there is no finding `zzz`", "`sspr explain` lists the findings"],
    ),
    (
        "an accepted error",
        "version: 1\naccept: [group-not-security]\n",
        "2:10",
        &["`group-not-security` is an error, which no file can accept"],
    ),
    (
        "an accepted guard",
        "version: 1\naccept: [no-helpdesk, scope-all]\n",
        "2:23",
        &["`scope-all` is a guard, which no file can lift", "`sspr explain scope-all` names the flag"],
    ),
    (
        "a finding accepted twice",
        "version: 1\naccept: [no-helpdesk, no-helpdesk]\n",
        "2:23",
        &["`no-helpdesk` is listed twice", "keep one"],
    ),
    (
        "one accepted finding, no list",
        "version: 1\naccept: no-helpdesk\n",
        "2:9",
        &["expected a list of findings, found text"],
    ),
    ("unknown key", "version: 1\ngruop: x\n", "2:1", &["unknown key `gruop`", "did you mean `group`"]),
    (
        "unknown nested key",
        "version: 1\nregistration:\n  reconfirm_day: 1\n",
        "3:3",
        &["did you mean `registration.reconfirm_days`"],
    ),
    (
        "key of another section",
        "version: 1\nreconfirm_days: 90\n",
        "2:1",
        &["did you mean `registration.reconfirm_days`"],
    ),
    (
        "unknown key, nothing near",
        "version: 1\nmethods:\n  zzz: 1\n",
        "3:3",
        &["the keys here are `required`, `allowed` and `security_questions`"],
    ),
    (
        "duplicate key",
        "version: 1\ngroup: a\ngroup: b\n",
        "3:1",
        &["`group` is given twice", "first given in line 2"],
    ),
    (
        "duplicate nested key",
        "version: 1\nmethods:\n  required: 1\n  required: 2\n",
        "4:3",
        &["`methods.required` is given twice"],
    ),
    (
        "duplicate section",
        "version: 1\nmethods: {required: 1}\nmethods: {required: 2}\n",
        "3:1",
        &["`methods` is given twice"],
    ),
    ("wrong version", "version: 2\n", "1:10", &["reads spec version 1"]),
    ("version as text", "version: '1'\n", "1:10", &["write `version: 1`"]),
    ("no version", "group: x\n", "1:1", &["`version` is missing"]),
    ("empty file", "", "1:1", &["the file is empty"]),
    (
        "a tag that hides the text",
        "version: 1\ngroup: !!binary RXZlcnlvbmUgRWxzZQ==\n",
        "2:8",
        &["`!!binary` is a YAML tag, which a spec cannot use", "write the plain value"],
    ),
    ("a tag that cannot decode", "version: 1\ngroup: !!binary abc\n", "2:8", &["`!!binary` is a YAML tag"]),
    ("a tag that includes", "version: 1\ngroup: !include other.yaml\n", "2:8", &["`!include` is a YAML tag"]),
    ("a tag for a secret", "version: 1\ntenant: !secret tenant\n", "2:9", &["`!secret` is a YAML tag"]),
    ("a tag of the core schema", "version: !!int 1\n", "1:10", &["`!!int` is a YAML tag"]),
    ("a tag without a name", "version: 1\ngroup: ! x\n", "2:8", &["`!` is a YAML tag"]),
    (
        "a tag in full",
        "version: 1\ngroup: !<tag:yaml.org,2002:str> x\n",
        "2:8",
        &["`!<tag:yaml.org,2002:str>` is a YAML tag"],
    ),
    ("a tag on a key", "version: 1\n!!str group: x\n", "2:1", &["`!!str` is a YAML tag"]),
    ("a tag on a list", "version: 1\nmethods:\n  allowed: !x [email]\n", "3:12", &["`!x` is a YAML tag"]),
    ("a tag on a section", "version: 1\nmethods: !!map\n  required: 1\n", "2:10", &["`!!map` is a YAML tag"]),
    ("a tag on the file", "--- !pilot\nversion: 1\n", "1:5", &["`!pilot` is a YAML tag"]),
    (
        "an anchor",
        "version: 1\ngroup: &a x\n",
        "2:8",
        &["`&a` is a YAML anchor, which a spec cannot use", "remove it"],
    ),
    ("an alias", "version: &v 1\ngroup: *v\n", "2:8", &["`*v` is a YAML alias, which a spec cannot use"]),
    (
        "an alias of nothing",
        "version: 1\ngroup: *SSPR\n",
        "2:8",
        &["`*SSPR` is a YAML alias", "quote text that begins"],
    ),
    (
        "a merge key",
        "version: 1\n<<: {group: x}\n",
        "2:1",
        &["`<<` is a YAML merge key", "write the keys out"],
    ),
    ("a second document", "version: 1\n---\nversion: 1\n", "2:1", &["a second document begins here"]),
    ("a list for a key", "version: 1\n? [a]\n: b\n", "2:3", &["a key of a spec is a word"]),
    (
        "a number YAML 1.1 reads as 15",
        "version: 1\nregistration: {reconfirm_days: 017}\n",
        "2:32",
        &["write this number as 17"],
    ),
    ("only a comment", "# nothing\n", "1:1", &["the file is empty"]),
    ("a list", "- version: 1\n", "1:1", &["expected keys and values"]),
    ("yes for true", "version: 1\nregistration:\n  required: yes\n", "3:13", &["write `true`"]),
    (
        "quoted true",
        "version: 1\nnotifications:\n  users: \"true\"\n",
        "3:10",
        &["write `true`, without quotes"],
    ),
    ("number for a switch", "version: 1\nnotifications:\n  admins: 1\n", "3:11", &["expected true or false"]),
    (
        "number as text",
        "version: 1\nmethods:\n  required: \"1\"\n",
        "3:13",
        &["expected a whole number, found text"],
    ),
    (
        "decimal number",
        "version: 1\nmethods:\n  required: 1.5\n",
        "3:13",
        &["1.5 is not a whole number in range"],
    ),
    (
        "hexadecimal number",
        "version: 1\nregistration:\n  reconfirm_days: 0b11\n",
        "3:19",
        &["expected a whole number, found text"],
    ),
    (
        "required out of range",
        "version: 1\nmethods:\n  required: 3\n",
        "3:13",
        &["3 is out of range", "from 1 to 2"],
    ),
    ("negative days", "version: 1\nregistration:\n  reconfirm_days: -1\n", "3:19", &["-1 is out of range"]),
    ("days out of range", "version: 1\nregistration:\n  reconfirm_days: 731\n", "3:19", &["from 0 to 730"]),
    (
        "days beyond any integer",
        "version: 1\nregistration:\n  reconfirm_days: 99999999999999999999\n",
        "3:19",
        &["99999999999999999999 is out of range"],
    ),
    (
        "unknown method",
        "version: 1\nmethods:\n  allowed: [email, mobilephone]\n",
        "3:20",
        &["did you mean `mobile_phone`"],
    ),
    ("method twice", "version: 1\nmethods:\n  allowed: [email, email]\n", "3:20", &["listed twice"]),
    ("methods as text", "version: 1\nmethods:\n  allowed: email\n", "3:12", &["expected a list of methods"]),
    ("no method", "version: 1\nmethods:\n  allowed: []\n", "3:12", &["no one could reset"]),
    (
        "fewer methods than required",
        "version: 1\nmethods:\n  required: 2\n  allowed: [email]\n",
        "4:12",
        &["2 methods are required"],
    ),
    (
        "app code alone",
        "version: 1\nmethods:\n  allowed: [mobile_app_code]\n",
        "3:12",
        &["cannot be the only method"],
    ),
    (
        "both app methods alone",
        "version: 1\nmethods:\n  required: 2\n  allowed: [mobile_app_code, mobile_app_notification]\n",
        "4:12",
        &["cannot be the only method"],
    ),
    (
        "more questions asked than registered",
        "version: 1\nmethods:\n  security_questions:\n    register: 3\n    reset: 4\n",
        "5:12",
        &["people register only 3"],
    ),
    (
        "reconfirm without registration",
        "version: 1\nregistration:\n  required: false\n  reconfirm_days: 90\n",
        "4:19",
        &["only takes this when registration is required"],
    ),
    (
        "all with a group",
        "version: 1\nscope: all\ngroup: x\n",
        "2:8",
        &["reaches everyone, but a group is named"],
    ),
    ("selected without a group", "version: 1\nscope: selected\n", "2:8", &["needs a group"]),
    (
        "unknown scope",
        "version: 1\nscope: everybody\n",
        "2:8",
        &["unknown value `everybody`", "write one of `none`, `selected` and `all`"],
    ),
    ("group without a value", "version: 1\ngroup:\n", "2:6", &["there is no value here"]),
    ("group as a number", "version: 1\ngroup: 12345\n", "2:8", &["put it in quotes"]),
    ("empty group", "version: 1\ngroup: ''\n", "2:8", &["this is empty"]),
    ("padded group", "version: 1\ngroup: ' x '\n", "2:8", &["white space around"]),
    (
        "helpdesk is no link",
        "version: 1\ncustomization:\n  helpdesk: call Bob\n",
        "3:13",
        &["neither `none`, an e-mail address nor an http(s) URL"],
    ),
    (
        "helpdesk scheme",
        "version: 1\ncustomization:\n  helpdesk: 'javascript:alert(1)'\n",
        "3:13",
        &["neither `none`"],
    ),
    (
        "helpdesk is half an address",
        "version: 1\ncustomization:\n  helpdesk: help@contoso\n",
        "3:13",
        &["neither `none`"],
    ),
    ("tenant is a name", "version: 1\ntenant: Contoso\n", "2:9", &["neither a tenant id nor a domain"]),
    ("empty section", "version: 1\nmethods:\n", "2:1", &["`methods` holds keys"]),
    ("section as a list", "version: 1\nmethods: [email]\n", "2:1", &["`methods` holds keys, found a list"]),
    ("tab", "version: 1\nmethods:\n\trequired: 1\n", "3:2", &["not readable as YAML"]),
    ("unclosed quote", "version: 1\ngroup: \"x\n", "2:8", &["not readable as YAML"]),
    (
        "anchor and alias",
        "version: 1\ngroup: &a x\ncustomization:\n  helpdesk: *a\n",
        "2:8",
        &["`&a` is a YAML anchor", "`*a` is a YAML alias", "4:13", "2 problems"],
    ),
    ("inner merge key", "version: 1\nmethods: {<<: {required: 1}}\n", "2:11", &["`<<` is a YAML merge key"]),
    ("JSON of something else", "{\"value\": [1]}\n", "1:2", &["unknown key `value`"]),
    (
        "deep nesting",
        "version: 1\nmethods: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        "",
        &["not readable as YAML"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_spec_exits_65_with_a_place_and_sends_nothing() {
    assert!(BAD.len() >= 25);
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let mut failures = Vec::new();
    for (what, text, place, words) in BAD {
        let scene = Scene::against(&sandbox).file("pilot.yaml", text);
        for command in [&["validate"][..], &["plan"], &["apply", "--yes"], &["cleanup", "--yes"]] {
            let shown = scene.run(command);
            let place =
                if place.is_empty() { "pilot.yaml".to_owned() } else { format!("pilot.yaml:{place}\n") };
            let is_right = shown.code == 65
                && shown.stdout.is_empty()
                && shown.stderr.contains(&place)
                && words.iter().all(|word| shown.stderr.contains(word));
            if !is_right {
                failures.push(format!("{what}: {command:?} should say {words:?} at {place}\n{shown}"));
            }
        }
        assert!(!scene.state_dir().exists(), "{what} left something behind");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(sandbox.take_requests(), []);
}

#[test]
fn files_that_are_no_text_are_refused_unread() {
    let bomb = "version: 1\nmethods: &a [x]\n".to_owned() + &"b: *a\n".repeat(20_000);
    let quadratic =
        format!("version: 1\nscope: &a [{}]\ngroup: [{}]\n", "x,".repeat(20_000), "*a,".repeat(2_000));
    let laughs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c]\n";
    let brackets = "[".repeat(100_000);
    for (what, content, word) in [
        ("over 1 MiB", "#".repeat(1024 * 1024 + 1).into_bytes(), "has at most 1048576"),
        ("far over 1 MiB", "version: 1\n#".repeat(1024 * 1024).into_bytes(), "has at most 1048576"),
        ("UTF-16", "version: 1".encode_utf16().flat_map(u16::to_le_bytes).collect(), "save it as UTF-8"),
        ("half of UTF-16", b"\xff\xfev\0e\0r".to_vec(), "begins as UTF-16 text and is none"),
        ("Latin-1", b"version: 1\ngroup: Z\xfcrich\n".to_vec(), "not UTF-8"),
        ("NUL bytes", b"version: 1\ngroup: \"a\0b\"\n".to_vec(), "NUL"),
        ("alias bomb", bomb.into_bytes(), "20 problems in pilot.yaml"),
        ("quadratic aliases", quadratic.into_bytes(), "20 problems in pilot.yaml"),
        ("billion laughs", laughs.as_bytes().to_vec(), "20 problems in pilot.yaml"),
        ("a hundred thousand brackets", brackets.into_bytes(), "not readable as YAML"),
    ] {
        let shown = Scene::new().file("pilot.yaml", content).run(&["validate"]);
        assert_eq!(shown.code, 65, "{what}\n{shown}");
        assert!(shown.stderr.contains(word), "{what} should say {word:?}\n{shown}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_reported_at_once_in_file_order() {
    let scene = Scene::new().file(
        "pilot.yaml",
        "version: 1\ngruop: SSPR-Pilot\nmethods:\n  required: two\n  allowed: [email, fax]\nregistration:\n  required: yes\n",
    );
    crate::common::assert_shown!(
        scene.run(&["validate"]),
        snapbox::str![[r#"
------- stderr -------
error: unknown key `gruop`
 --> pilot.yaml:2:1
  |
2 | gruop: SSPR-Pilot
  | ^^^^^
  |
help: did you mean `group`?

error: expected a whole number, found text
 --> pilot.yaml:4:13
  |
4 |   required: two
  |             ^^^
  |
help: write a whole number from 1 to 2

error: unknown value `fax`
 --> pilot.yaml:5:20
  |
5 |   allowed: [email, fax]
  |                    ^^^
  |
help: write one of `email`, `mobile_phone`, `office_phone`, `mobile_app_notification`, `mobile_app_code` and `security_questions`

error: expected true or false, found the text `yes`
 --> pilot.yaml:7:13
  |
7 |   required: yes
  |             ^^^
  |
help: write `true`, without quotes

error: 4 problems in pilot.yaml; nothing was sent
[exit status: 65]

"#]]
    );
    crate::common::assert_shown!(
        scene.run(&["validate", "--format", "json"]),
        snapbox::str![[r#"
{
  "format": "sspr.error/1",
  "error": "4 problems in pilot.yaml; nothing was sent",
  "causes": [],
  "hints": [],
  "exit": 65,
  "problems": [
    {
      "path": "pilot.yaml",
      "line": 2,
      "column": 1,
      "key": "gruop",
      "message": "unknown key `gruop`",
      "help": "did you mean `group`?"
    },
    {
      "path": "pilot.yaml",
      "line": 4,
      "column": 13,
      "key": "methods.required",
      "message": "expected a whole number, found text",
      "help": "write a whole number from 1 to 2"
    },
    {
      "path": "pilot.yaml",
      "line": 5,
      "column": 20,
      "key": "methods.allowed",
      "message": "unknown value `fax`",
      "help": "write one of `email`, `mobile_phone`, `office_phone`, `mobile_app_notification`, `mobile_app_code` and `security_questions`"
    },
    {
      "path": "pilot.yaml",
      "line": 7,
      "column": 13,
      "key": "registration.required",
      "message": "expected true or false, found the text `yes`",
      "help": "write `true`, without quotes"
    }
  ]
}
------- stderr -------
error: unknown key `gruop`
 --> pilot.yaml:2:1
  |
2 | gruop: SSPR-Pilot
  | ^^^^^
  |
help: did you mean `group`?

error: expected a whole number, found text
 --> pilot.yaml:4:13
  |
4 |   required: two
  |             ^^^
  |
help: write a whole number from 1 to 2

error: unknown value `fax`
 --> pilot.yaml:5:20
  |
5 |   allowed: [email, fax]
  |                    ^^^
  |
help: write one of `email`, `mobile_phone`, `office_phone`, `mobile_app_notification`, `mobile_app_code` and `security_questions`

error: expected true or false, found the text `yes`
 --> pilot.yaml:7:13
  |
7 |   required: yes
  |             ^^^
  |
help: write `true`, without quotes

error: 4 problems in pilot.yaml; nothing was sent
[exit status: 65]

"#]]
    );
}

#[test]
fn byte_order_mark_and_windows_line_ends_are_fine() {
    let text = "\u{feff}version: 1\r\ngroup: SSPR-Pilot\r\nmethods:\r\n  required: 1\r\n";
    let shown = Scene::new().file("pilot.yaml", text).run(&["validate"]);
    assert_eq!(shown.code, 0, "{shown}");
    let broken = Scene::new().file("pilot.yaml", text.replace("required", "requird")).run(&["validate"]);
    assert!(broken.stderr.contains("pilot.yaml:4:3"), "{broken}");
}

#[test]
fn a_hostile_file_cannot_move_the_terminal() {
    let scene =
        Scene::new().file("pilot.yaml", "version: 1\n\"gr\\e[31moup\": x\nscope: \"\\e]0;owned\\a\"\n");
    let shown = scene.run(&["validate"]).code(65);
    assert!(!shown.stderr.contains('\u{1b}') && !shown.stderr.contains('\u{7}'), "{:?}", shown.stderr);
}
