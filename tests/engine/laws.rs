//! The four laws: a matching tenant plans nothing; apply then plan is empty; planning writes nothing;
//! cleanup changes the scope alone.

use sspr::sandbox::{Seed, World};
use sspr::spec::Spec;

use crate::common::{Bench, spec};

#[tokio::test]
async fn apply_then_plan_is_empty_and_sends_no_further_write() {
    for seed in Seed::ALL {
        let bench = Bench::start(World::seeded(seed)).await;
        let spec = spec(include_str!("../../examples/pilot.yaml"));
        let outcome = bench.apply(&spec).await.unwrap();
        assert!(!outcome.applied.is_empty());
        assert_eq!(bench.take_writes().len(), 1);
        assert!(bench.plan(&spec).await.changes.is_empty());
        assert!(bench.apply(&spec).await.unwrap().applied.is_empty());
        assert!(bench.take_writes().is_empty());
        let before = bench.sandbox.world();
        bench.apply(&Spec::cleanup(None)).await.unwrap();
        let mut expected = before.policy.clone();
        expected["enablementType"] = 0.into();
        assert_eq!(bench.sandbox.world().policy, expected);
    }
}
