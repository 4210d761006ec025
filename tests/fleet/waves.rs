//! Waves under random troubles: the order of a fleet file is kept, whatever fails.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sspr::app::Always;
use sspr::app::fleet::{FleetRequest, MaxFailures};
use sspr::outcome::fleet::{FleetRun, FleetVerb, TenantResult};

use super::bench::{Log, Tenants, name};

const WAVES: [&str; 3] = ["canary", "early", "rest"];

/// What is drawn: how many tenants each wave has, which of them refuse the write, how many are written together, how many may
/// fail.
type Drawn = ([usize; 3], BTreeSet<usize>, usize, Option<u32>);

fn drawn() -> impl Strategy<Value = Drawn> {
    let failing = prop::collection::btree_set(1..=8usize, 0..4);
    ([1..=3usize, 1..=2usize, 1..=3usize], failing, 1..=4usize, prop::option::of(0..3u32))
}

#[test]
fn no_wave_is_begun_before_the_one_before_it_ended_well_enough() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    runner
        .run(&drawn(), |(sizes, failing, parallel, most)| {
            let (run, lines) = runtime.block_on(apply(sizes, &failing, parallel, most));
            judge(&run, &lines, &failing, most.unwrap_or(0) as usize);
            Ok(())
        })
        .unwrap();
}

async fn apply(
    sizes: [usize; 3],
    failing: &BTreeSet<usize>,
    parallel: usize,
    most: Option<u32>,
) -> (FleetRun, Vec<String>) {
    let tenants = Tenants::in_waves(&[0, 1, 2].map(|at| (WAVES[at], sizes[at]))).await;
    let all = sizes.iter().sum();
    for number in failing.iter().copied().filter(|number| *number <= all) {
        // The first write, so that nothing lands.
        tenants.tenant(number).fail("PATCH /v1.0/policies status=400".parse().unwrap());
    }
    let log = Log::default();
    let max_failures = most.map(MaxFailures::Count);
    let request = FleetRequest { parallel, max_failures, ..tenants.request(FleetVerb::Apply) };
    let run = tenants.run_with(request, &log, &Always).await.unwrap();
    for (row, number) in run.rows.iter().zip(1..) {
        let wrote = tenants.tenant(number).take_requests().iter().any(|request| request.method != "GET");
        assert_eq!(wrote, row.result != TenantResult::NotTried, "{row:#?}");
    }
    (run, log.lines.into_inner())
}

fn judge(run: &FleetRun, lines: &[String], failing: &BTreeSet<usize>, most: usize) {
    let written = lines.iter().skip_while(|line| *line != "writing").skip(1);
    let (mut wave, mut ended) = (String::new(), Vec::new());
    for line in written {
        match line.strip_prefix("wave ") {
            Some(begun) => wave = begun.split(' ').next().unwrap().to_owned(),
            None => ended.push((line.split(' ').next().unwrap().to_owned(), wave.clone())),
        }
    }
    // Whoever ends does so in its own wave, and the waves come in their order.
    let of = |tenant: &str| run.rows.iter().find(|row| row.tenant == tenant).unwrap();
    let place = |wave: &str| WAVES.iter().position(|known| *known == wave).unwrap();
    assert!(ended.iter().all(|(tenant, wave)| of(tenant).wave == *wave), "{lines:#?}");
    assert!(ended.is_sorted_by_key(|(_, wave)| place(wave)), "{lines:#?}");
    let mut is_over = false;
    for wave in WAVES {
        let rows: Vec<_> = run.rows.iter().filter(|row| row.wave == wave).collect();
        let tried = rows.iter().filter(|row| row.result != TenantResult::NotTried).count();
        let failed = rows.iter().filter(|row| row.result.is_failure()).count();
        assert!(!is_over || tried == 0, "{wave} was begun: {run:#?}");
        assert!(failed > most || is_over || tried == rows.len(), "all of {wave} could be tried: {run:#?}");
        let tenants: Vec<String> = rows.iter().map(|row| row.tenant.clone()).collect();
        let is_serial = wave == WAVES[0];
        if is_serial {
            let order: Vec<&String> =
                ended.iter().map(|(tenant, _)| tenant).filter(|name| tenants.contains(name)).collect();
            assert!(order.is_sorted(), "{order:?}");
            assert!(failed <= most + 1, "one at a time: {run:#?}");
        }
        is_over |= failed > most || failed == rows.len();
    }
    for (row, number) in run.rows.iter().zip(1..) {
        assert_eq!(row.tenant, name(number));
        let is_meant =
            row.result == TenantResult::NotTried || row.result.is_failure() == failing.contains(&number);
        assert!(is_meant, "{row:#?}");
    }
}
