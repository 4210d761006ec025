//! What a tenant could call its things, and whether it stays text.

/// What a tenant could call its things.
pub const HOSTILE: [&str; 3] = [
    "::error file=x::forged <img src=x onerror=alert(1)><script>x</script></details> \
     | a | b |\n\n# heading\n\n- [x] @everyone #1 GH-2 owner/repo#3 ##[error]forged",
    "##vso[task.setvariable variable=x]y ![i](https://evil.example/i.png) [l](https://evil.example) \
     <https://evil.example> https://evil.example www.evil.example x@evil.example ``` ` `` ` ``code`` | ` --> <!--",
    "\u{1b}[2J\u{202e}\u{7}\r\n::error file=x::forged &lt;b&gt; &#64;admins $\\mathbb{x}$ :tada: ***b*** 100%25 \
     %0A::error::x a,b:c",
];

/// Fails where an agent of a pipeline would obey a line that is not ours.
#[track_caller]
pub fn assert_gives_no_command(log: &str, allowed: usize) {
    for mark in ["##[", "##vso["] {
        assert!(!log.contains(mark), "{log}");
    }
    let commands: Vec<&str> = log.lines().filter(|line| line.trim_start().starts_with("::")).collect();
    assert!(commands.len() <= allowed, "{commands:?}");
    for command in commands {
        let is_ours = ["::error ", "::warning ", "::notice "].iter().any(|start| command.starts_with(start));
        let properties = command.split("::").nth(1).unwrap();
        assert!(is_ours && !properties.contains("file=x") && properties.contains("title="), "{command}");
    }
}

/// Fails where GitHub would show anything but text, our own tables, details and links.
#[track_caller]
pub fn assert_harmless(page: &str) {
    let mut options = comrak::Options::default();
    let extension = &mut options.extension;
    extension.table = true;
    extension.autolink = true;
    extension.strikethrough = true;
    extension.tasklist = true;
    extension.math_dollars = true;
    options.render.r#unsafe = true;
    // What stands for ids and paths here looks like a mention.
    let html = comrak::markdown_to_html(&page.replace("@@", ""), &options);
    let mut rest = html.as_str();
    let mut is_code = false;
    let mut cells = 0;
    while let Some((text, after)) = rest.split_once('<') {
        if !is_code {
            let plain = text.replace("&quot;", "\"").replace("&amp;", "&");
            let is_mention = |mark: char| {
                plain.split(mark).skip(1).any(|after| after.starts_with(|c: char| c.is_ascii_alphanumeric()))
            };
            assert!(!is_mention('@') && !is_mention('#'), "{text}\n{page}");
        }
        let (tag, after) = after.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split(' ').next().unwrap();
        let known = [
            "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "strong", "br", "ul", "ol", "li",
            "details", "summary", "span", "a", "pre",
        ];
        assert!(known.contains(&name) || tag.starts_with("!-- sspr:"), "<{tag}>\n{page}");
        if let Some(address) = tag.strip_prefix("a href=\"") {
            let hosts = [
                "https://entra.microsoft.com/",
                "https://learn.microsoft.com/",
                "https://aka.ms/",
                "https://mc.merill.net/",
            ];
            assert!(hosts.iter().any(|host| address.starts_with(host)), "{tag}\n{page}");
        }
        is_code = match tag {
            "code" => true,
            "/code" => false,
            _ => is_code,
        };
        cells += usize::from(tag == "td");
        rest = after;
    }
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")).count();
    assert!(rows == 0 || cells >= rows, "a row fell apart\n{page}\n{html}");
    assert_eq!(html.matches("<details>").count(), html.matches("</details>").count(), "{page}");
}
