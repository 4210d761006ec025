//! Measures the program as it ships against a pretend tenant in another process, 40 ms away, and prints tables
//! for docs/performance.md.
//!
//! `cargo bench --bench wire` measures everything; `cargo bench --bench wire -- commands` one part of it:
//! `start`, `commands`, `large`, `million`, `report`, `rings`. `--binary PATH` measures another build of the program.

// A program that prints tables, not the product: stdout is all it has.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

mod page_by_page;
mod run;
mod tenant;

use std::path::{Path, PathBuf};
use std::time::Duration;

use run::{Run, median, milliseconds, program, repeat};
use tenant::{LATENCY, Tenant};

const PARTS: [&str; 6] = ["start", "commands", "large", "million", "report", "rings"];

fn main() {
    let mut binary = PathBuf::from(env!("CARGO_BIN_EXE_sspr"));
    let mut parts = Vec::new();
    let mut args = std::env::args().skip(1);
    let mut is_meant = false;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            // What `cargo bench` says, and `cargo test --benches` does not.
            "--bench" => is_meant = true,
            "--binary" => binary = args.next().expect("--binary takes a path").into(),
            part if PARTS.contains(&part) => parts.push(part.to_owned()),
            other => panic!("{other} is none of {PARTS:?}"),
        }
    }
    if !is_meant {
        println!("Nothing is measured here; run `cargo bench --bench wire`.");
        return;
    }
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    println!(
        "{} bytes, {} ms for each answer\n",
        std::fs::metadata(&binary).unwrap().len(),
        LATENCY.as_millis()
    );
    type Part = (&'static str, fn(&Path));
    let works: [Part; 6] = [
        ("start", start),
        ("commands", commands),
        ("large", large),
        ("million", million),
        ("report", report),
        ("rings", rings),
    ];
    for (part, work) in works {
        if is_wanted(part) {
            work(&binary);
        }
    }
}

/// What starting costs, where nothing else is done.
fn start(binary: &Path) {
    println!("| start | median ms | fastest ms | peak MiB |\n| --- | --- | --- | --- |");
    for args in [&["--version"][..], &["--help"], &["plan", "--help"]] {
        let runs: Vec<Run> = (0..40).map(|_| run::run(program(binary).args(args))).collect();
        let fastest = runs.iter().map(|run| run.wall).min().unwrap();
        let middle = median(&runs);
        println!(
            "| `sspr {}` | {} | {} | {} |",
            args.join(" "),
            milliseconds(middle.wall),
            milliseconds(fastest),
            middle.shown_peak()
        );
    }
    println!();
}

const HEAD: &str = "| command | tenant | wall ms | deep | bare ms | wall / bare | requests | KiB | peak MiB |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

fn row(command: &str, tenant: &str, run: &Run, traffic: &tenant::Traffic) {
    let bare = LATENCY * u32::try_from(traffic.deep).unwrap();
    println!(
        "| `{command}` | {tenant} | {} | {} | {} | {:.2} | {} | {} | {} |",
        milliseconds(run.wall),
        traffic.deep,
        bare.as_millis(),
        run.wall.as_secs_f64() / bare.as_secs_f64(),
        traffic.requests,
        traffic.bytes / 1024,
        run.shown_peak()
    );
}

/// Every command once on a small pilot, and `plan` on large groups: the median of eleven runs.
fn commands(binary: &Path) {
    println!("{HEAD}");
    for (seed, people, args) in [
        ("fresh", 0, &["plan"][..]),
        ("migrated", 0, &["plan"]),
        ("fresh", 100_000, &["plan"]),
        ("fresh", 0, &["apply", "--yes"]),
        ("migrated", 0, &["apply", "--yes"]),
        ("configured", 0, &["cleanup", "--yes"]),
        ("fresh", 0, &["verify"]),
        ("fresh", 0, &["verify", "--user", "ada@contoso.onmicrosoft.com"]),
        ("fresh", 0, &["people"]),
        ("fresh", 0, &["doctor"]),
    ] {
        let measured: Vec<(Run, tenant::Traffic)> = (0..11)
            .map(|_| {
                // A tenant of its own for each run: what was applied once is not applied again.
                let mut tenant = Tenant::open(binary, seed, people, LATENCY);
                let run = run::run(tenant.client(binary).args(args));
                (run, tenant.traffic())
            })
            .collect();
        let (run, traffic) = repeat::middle(measured);
        let size = if people == 0 { "8 people".to_owned() } else { format!("{people} people") };
        row(&args.join(" "), &format!("{seed}, {size}"), &run, &traffic);
    }
    println!();
}

const CROWD: [&str; 4] = ["people", "--no-registration", "--format", "csv"];

/// `people` and `plan` as the group grows, and the same members read page by page.
fn large(binary: &Path) {
    grow(binary, &[1_000, 10_000, 100_000], 5);
}

fn million(binary: &Path) {
    grow(binary, &[1_000_000], 1);
}

fn grow(binary: &Path, sizes: &[u64], runs: usize) {
    println!("{HEAD}");
    let mut ratios = Vec::new();
    for &people in sizes {
        let mut tenant = Tenant::open(binary, "fresh", people, LATENCY);
        let mut measure = |args: &[&str]| {
            let measured = (0..runs).map(|_| {
                let run = run::run(tenant.client(binary).args(args));
                (run, tenant.traffic())
            });
            let (run, traffic) = repeat::middle(measured.collect());
            row(&args.join(" "), &format!("{people} people"), &run, &traffic);
            run.wall
        };
        let ours = measure(&CROWD);
        measure(&["plan"]);
        let mut theirs: Vec<Duration> = (0..runs).map(|_| page_by_page::read(&tenant, people)).collect();
        theirs.sort();
        ratios.push((people, ours, theirs[theirs.len() / 2], tenant.traffic()));
    }
    println!("\n| members | `sspr people` ms | page by page ms | ratio |\n| --- | --- | --- | --- |");
    for (people, ours, theirs, _) in ratios {
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("| {people} | {} | {} | {ratio:.1} |", milliseconds(ours), milliseconds(theirs));
    }
    println!();
}

/// The registration report of 20 000 people, 5 requests in 10 seconds: from the first request on, and when
/// another program has just used the window up.
fn report(binary: &Path) {
    println!("| report of 20 000 | wall s | pages | permitted s | share of the permitted rate | refused |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for used_up in [0, 5] {
        let mut tenant = Tenant::open(binary, "fresh", 20_000, LATENCY);
        page_by_page::use_up_reports(&tenant, used_up);
        tenant.traffic();
        let run = run::run(tenant.client(binary).args(["people", "--format", "csv"]));
        let traffic = tenant.traffic();
        let windows = (traffic.reports - 1 + used_up) / 5;
        let permitted = Duration::from_secs(10 * windows as u64);
        println!(
            "| {used_up} of the first window used by others | {:.1} | {} | {} | {:.1} % | {} |",
            run.wall.as_secs_f64(),
            traffic.reports,
            permitted.as_secs(),
            100.0 * permitted.as_secs_f64() / run.wall.as_secs_f64(),
            traffic.refused
        );
    }
    println!();
}

const RINGS: [&str; 4] = ["SSPR-Ring-IT", "SSPR-Ring-Office", "SSPR-Ring-Plants", "SSPR-Ring-All"];

/// A roll-out of four rings of 25 000 people each, three of which are open: a plan that opens none, a plan that opens the
/// last, and the board; the last two also where the registration report is refused, whose pages wait for their turn.
fn rings(binary: &Path) {
    println!("{HEAD}");
    let latency = LATENCY.as_millis().to_string();
    let refused = [
        "--latency",
        &latency,
        "--fault",
        "GET /v1.0/reports error=403,Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    ];
    for (told, serve) in [("no report", &refused[..]), ("report", &refused[..2])] {
        let mut tenant = Tenant::open_with(binary, "rings", 100_000, serve);
        page_by_page::nest(&tenant, &RINGS[..3]);
        tenant.traffic();
        for (args, open, what, runs) in [
            (&["plan"][..], 3, "none opens", 5),
            (&["plan", "--allow-early"], 4, "the last opens", if told == "report" { 1 } else { 5 }),
            (&["rings"], 3, "the board", if told == "report" { 1 } else { 5 }),
        ] {
            let groups: String = RINGS.iter().map(|name| format!("    - group: {name}\n")).collect();
            tenant.want(&format!(
                "version: 1\ngroup: SSPR-Pilot\nmethods: {{required: 1, allowed: [email, mobile_phone]}}\n\
                 rollout:\n  open: {open}\n  rings:\n{groups}"
            ));
            let measured = (0..runs).map(|_| {
                let run = run::run(tenant.client(binary).args(args));
                (run, tenant.traffic())
            });
            let (run, traffic) = repeat::middle(measured.collect());
            row(&args.join(" "), &format!("4 x 25 000, {what}, {told}"), &run, &traffic);
        }
    }
    println!();
}
