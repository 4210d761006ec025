//! The loader at its edges: the last value that is taken, and the first that is not.

mod fleet;

use snapbox::str;
use sspr::spec_file::{GroupName, MAX_BYTES, Place, ProblemV1, load};

use crate::common::{assert_shown, spec};

/// Returns what is held against a text and what it helps to write, or `ok`.
fn verdict(text: &[u8]) -> String {
    match load("pilot.yaml", text) {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let told = |problem: &ProblemV1<'_>| match problem.help {
                Some(help) => format!("{}: {help}", problem.message),
                None => problem.message.to_owned(),
            };
            error.problems().iter().map(told).collect::<Vec<_>>().join("; ")
        }
    }
}

fn verdicts(key: &str, values: &[&str]) -> String {
    let text = |value: &str| match key.split_once('.') {
        Some((section, key)) => format!("version: 1\n{section}:\n  {key}: {value}\n"),
        None => format!("version: 1\n{key}: {value}\n"),
    };
    values.iter().map(|value| format!("{value}  {}\n", verdict(text(value).as_bytes()))).collect()
}

#[test]
fn a_tenant_is_a_domain_or_a_guid_as_tenants_write_it() {
    let values = [
        "my-tenant.onmicrosoft.com",
        "straße.de",
        "204a15ea-fa2c-550c-86c1-f84caa53d849",
        "204A15EA-FA2C-550C-86C1-F84CAA53D849",
        "204a15eafa2c550c86c1f84caa53d849",
        "'{204a15ea-fa2c-550c-86c1-f84caa53d849}'",
        "204a15ea-fa2c-550c-86c1-f84caa53d84g",
        "contoso",
        "my_tenant.onmicrosoft.com",
        "contoso.com/..",
        "''",
        "' contoso.com'",
    ];
    assert_shown!(
        verdicts("tenant", &values),
        str![[r#"
my-tenant.onmicrosoft.com  ok
straße.de  ok
204a15ea-fa2c-550c-86c1-f84caa53d849  ok
204A15EA-FA2C-550C-86C1-F84CAA53D849  ok
204a15eafa2c550c86c1f84caa53d849  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
'{204a15ea-fa2c-550c-86c1-f84caa53d849}'  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
204a15ea-fa2c-550c-86c1-f84caa53d84g  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
contoso  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
my_tenant.onmicrosoft.com  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
contoso.com/..  this is neither a tenant id nor a domain name: write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com
''  this is empty: write the tenant's id or one of its verified domains, or remove the key
' contoso.com'  there is white space around this text: remove it

"#]]
    );
    assert_eq!(spec("version: 1\ntenant: contoso.com\n").tenant(), Some("contoso.com"));
    assert_eq!(spec("version: 1\n").tenant(), None);
}

#[test]
fn a_helpdesk_is_none_an_address_or_a_web_page() {
    let values = [
        "none",
        "help@contoso.com",
        "help.desk+1@it.contoso.com",
        "'@contoso.com'",
        "help@contoso",
        "help@it@contoso.com",
        "help@.contoso.com",
        "help@contoso.com.",
        "help@contoso..com",
        "'help desk@contoso.com'",
        "help,desk@contoso.com",
        "\"help\\u200edesk\\u0007@contoso.com\"",
        "https://help.contoso.com/reset?a=b#c",
        "HTTP://help.contoso.com",
        "https://help.contoso.com:8443",
        "https:help.contoso.com",
        "https:///help.contoso.com",
        "https://",
        "https://help@contoso.com",
        "'https://help.contoso.com/a b'",
        "\"https://help.contoso.com/\\u0007\"",
        "'https://help.contoso.com:port'",
        "ftp://help.contoso.com",
        "'javascript://help.contoso.com/%0aalert(1)'",
    ];
    assert_shown!(
        verdicts("customization.helpdesk", &values),
        str![[r#"
none  ok
help@contoso.com  ok
help.desk+1@it.contoso.com  ok
'@contoso.com'  `@contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
help@contoso  `help@contoso` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
help@it@contoso.com  `help@it@contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
help@.contoso.com  `help@.contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
help@contoso.com.  `help@contoso.com.` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
help@contoso..com  `help@contoso..com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
'help desk@contoso.com'  `help desk@contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
help,desk@contoso.com  `help,desk@contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
"help\u200edesk\u0007@contoso.com"  `help\u{200e}desk\u{7}@contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
https://help.contoso.com/reset?a=b#c  ok
HTTP://help.contoso.com  ok
https://help.contoso.com:8443  ok
https:help.contoso.com  `https:help.contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
https:///help.contoso.com  `https:///help.contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
https://  `https://` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
https://help@contoso.com  `https://help@contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
'https://help.contoso.com/a b'  `https://help.contoso.com/a b` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
"https://help.contoso.com/\u0007"  `https://help.contoso.com/\u{7}` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
'https://help.contoso.com:port'  `https://help.contoso.com:port` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
ftp://help.contoso.com  `ftp://help.contoso.com` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL
'javascript://help.contoso.com/%0aalert(1)'  `javascript://help.contoso.com/%0aalert(1)` is neither `none`, an e-mail address nor an http(s) URL: write `none`, an e-mail address, or an http(s) URL

"#]]
    );
}

#[test]
fn a_switch_is_true_or_false_and_a_word_like_it_gets_a_suggestion() {
    let values = ["true", "false", "'no'", "off", "'n'", "\"False\"", "'y'", "on", "'perhaps'", "1"];
    assert_shown!(
        verdicts("notifications.users", &values),
        str![[r#"
true  ok
false  ok
'no'  expected true or false, found the text `no`: write `false`, without quotes
off  expected true or false, found the text `off`: write `false`, without quotes
'n'  expected true or false, found the text `n`: write `false`, without quotes
"False"  expected true or false, found the text `False`: write `false`, without quotes
'y'  expected true or false, found the text `y`: write `true`, without quotes
on  expected true or false, found the text `on`: write `true`, without quotes
'perhaps'  expected true or false, found the text `perhaps`
1  expected true or false, found a number

"#]]
    );
}

#[test]
fn numbers_and_lists_end_where_the_portals_do() {
    assert_shown!(
        verdicts(
            "registration.reconfirm_days",
            &["0", "730", "731", "-1", "1e2", "0x10", "1.5", "1_0", "007"]
        ),
        str![[r#"
0  ok
730  ok
731  731 is out of range: write a whole number from 0 to 730
-1  -1 is out of range: write a whole number from 0 to 730
1e2  ok
0x10  ok
1.5  1.5 is not a whole number in range: write a whole number from 0 to 730
1_0  expected a whole number, found text: write a whole number from 0 to 730
007  write this number as 7: write a whole number from 0 to 730

"#]]
    );
    let values = ["[email, sms]", "[email, email]", "[email, '']", "[email, ' mobile_phone']", "[email, 1]"];
    assert_shown!(
        verdicts("methods.allowed", &values),
        str![[r#"
[email, sms]  unknown value `sms`: write one of `email`, `mobile_phone`, `office_phone`, `mobile_app_notification`, `mobile_app_code` and `security_questions`
[email, email]  `email` is listed twice: keep one
[email, '']  this is empty: write one of `email`, `mobile_phone`, `office_phone`, `mobile_app_notification`, `mobile_app_code` and `security_questions`, or remove the key
[email, ' mobile_phone']  there is white space around this text: remove it
[email, 1]  expected text, found a number: put it in quotes if it really is text

"#]]
    );
}

#[test]
fn a_groups_name_has_as_many_characters_as_the_service_takes() {
    let group = |characters: usize| format!("version: 1\ngroup: {}\n", "é".repeat(characters));
    assert_eq!(verdict(group(256).as_bytes()), "ok");
    assert_eq!(verdict(group(257).as_bytes()), "a group's display name has at most 256 characters");
    let named = |name: &str| spec(&format!("version: 1\ngroup: {name}\n")).group();
    let id = "204A15EA-fa2c-550c-86c1-f84caa53d849";
    assert_eq!(named(id), Some(GroupName::Id(id.parse().unwrap())));
    assert_eq!(named("Pilot"), Some(GroupName::DisplayName("Pilot".to_owned())));
}

#[test]
fn a_spec_is_read_in_the_encodings_windows_writes() {
    let text = "version: 1\r\ngroup: Zoë 🎉\r\n";
    let wide = |to: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(to).collect();
    for bytes in [format!("\u{feff}{text}").into_bytes(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
        let spec = load("pilot.yaml", &bytes).unwrap();
        assert_eq!(spec.group(), Some(GroupName::DisplayName("Zoë 🎉".to_owned())));
        assert_eq!(spec.lines()["group"], Place { line: 2, column: 8 });
    }
}

#[test]
fn a_comment_glued_to_free_text_is_remembered() {
    for (value, comment) in [
        ("SG #1 Pilot", Some("#1 Pilot")),
        ("SG\t#1", Some("#1")),
        ("SG # the pilot", None),
        ("SG ## the pilot", None),
        ("SG #", None),
        ("SG#1", None),
        ("'SG #1 Pilot'", None),
        ("\"SG\" #1 Pilot", None),
        ("|\n  SG", None),
    ] {
        let text = format!("version: 1\ngroup: {value}\n");
        let spec = load("pilot.yaml", text.as_bytes());
        let found = spec.as_ref().ok().and_then(|spec| spec.glued_comment("group"));
        assert_eq!(found, comment, "{value}");
    }
    let spec = spec("version: 1\ncustomization: {helpdesk: https://x.com #faq\n  }\n");
    assert_eq!(spec.glued_comment("customization.helpdesk"), Some("#faq"));
}

#[test]
fn a_file_is_text_of_a_bounded_size() {
    let of = |bytes: usize| {
        let mut text = b"version: 1\n#".to_vec();
        text.resize(bytes, b' ');
        verdict(&text)
    };
    assert_eq!(of(MAX_BYTES), "ok");
    assert_eq!(of(MAX_BYTES + 1), "the file has 1048577 bytes; a spec has at most 1048576");
    let verdict_on_bytes = verdict(b"version: 1\ngroup: \xff\n");
    assert!(verdict_on_bytes.starts_with("the file is not UTF-8 text (byte 18 is not): save it as UTF-8"));
    assert!(
        verdict(b"version: 1\ngroup: a\0b\n").starts_with("byte 19 is NUL; this is not a text file: save it")
    );
    let sign = verdict(b"version: 1\ngroup: @x\n");
    assert_eq!(sign, "not readable as YAML: unexpected character: `@'");
    for text in ["version: [1\n", "a: b: c\n"] {
        let verdict = verdict(text.as_bytes());
        assert!(verdict.starts_with("not readable as YAML: "), "{text:?}: {verdict}");
        assert!(
            !verdict.contains("line ") && !verdict.contains("error: "),
            "the place is told beside it: {verdict}"
        );
    }
}
