//! The table of `state`, row by row, and that nothing else moves.

use api::jobs::{AttemptState, Fault, JobError, JobKind, JobState};
use api::problem::Code;
use api::time::Time;

use super::state::{Event, Policy, Standing, backoff_ms, next};

const NOW_MS: i64 = 1_000_000;

fn now() -> Time {
    Time::from_unix_ms(NOW_MS).unwrap()
}

fn standing(state: JobState) -> Standing {
    Standing {
        kind: JobKind::Compress,
        state,
        cancel_requested: false,
        failures: 0,
        losses: 0,
        spent_ms: 0,
    }
}

fn error(fault: Fault, retryable: bool) -> JobError {
    JobError {
        code: Code::Internal,
        message: "x".to_owned(),
        fault,
        retryable,
    }
}

fn events() -> Vec<Event> {
    vec![
        Event::Claimed,
        Event::Completed,
        Event::Failed(error(Fault::Service, true)),
        Event::Failed(error(Fault::User, false)),
        Event::Released,
        Event::LeaseLost,
        Event::RanTooLong,
        Event::WaitedTooLong,
        Event::CancelAsked,
    ]
}

fn check(standing: &Standing, event: &Event, expected: Option<(JobState, Option<AttemptState>)>) {
    let got = next(standing, event.clone(), &Policy::default(), now(), 7);
    assert_eq!(
        got.as_ref().ok().map(|n| (n.state, n.attempt)),
        expected,
        "{standing:?} {event:?}"
    );
    let Ok(got) = got else { return };
    assert_eq!(
        got.error.is_some(),
        got.state == JobState::Failed,
        "{standing:?} {event:?}"
    );
    assert_eq!(
        got.run_after.is_some(),
        got.state == JobState::Queued,
        "{standing:?} {event:?}"
    );
    assert!(
        !(got.cancel_requested && got.state == JobState::Queued),
        "{standing:?} {event:?}"
    );
}

#[test]
fn every_event_from_every_state() {
    use AttemptState as A;
    use JobState as J;
    // In the order of `events`: what a queued job, a running one and a running one that shall stop becomes.
    let queued = [
        Some((J::Running, None)),
        None,
        None,
        None,
        None,
        None,
        None,
        Some((J::Failed, None)),
        Some((J::Cancelled, None)),
    ];
    let running = [
        None,
        Some((J::Succeeded, Some(A::Succeeded))),
        Some((J::Queued, Some(A::Failed))),
        Some((J::Failed, Some(A::Failed))),
        Some((J::Queued, Some(A::Cancelled))),
        Some((J::Queued, Some(A::Lost))),
        Some((J::Failed, Some(A::Failed))),
        None,
        Some((J::Running, None)),
    ];
    let stopping = [
        None,
        Some((J::Cancelled, Some(A::Cancelled))),
        Some((J::Cancelled, Some(A::Failed))),
        Some((J::Cancelled, Some(A::Failed))),
        Some((J::Cancelled, Some(A::Cancelled))),
        Some((J::Cancelled, Some(A::Lost))),
        Some((J::Cancelled, Some(A::Failed))),
        None,
        Some((J::Running, None)),
    ];
    for (index, event) in events().into_iter().enumerate() {
        check(&standing(J::Queued), &event, queued[index]);
        check(&standing(J::Running), &event, running[index]);
        check(
            &Standing {
                cancel_requested: true,
                ..standing(J::Running)
            },
            &event,
            stopping[index],
        );
        for done in [J::Succeeded, J::Failed, J::Cancelled] {
            check(&standing(done), &event, None);
        }
    }
}

#[test]
fn the_third_loss_in_a_row_is_poison_and_a_failure_breaks_the_row() {
    let policy = Policy::default();
    let lose = |losses| {
        next(
            &Standing {
                losses,
                ..standing(JobState::Running)
            },
            Event::LeaseLost,
            &policy,
            now(),
            0,
        )
        .unwrap()
    };
    assert_eq!((lose(0).state, lose(0).losses), (JobState::Queued, 1));
    assert_eq!((lose(1).state, lose(1).losses), (JobState::Queued, 2));
    assert_eq!(lose(2).error.map(|error| error.code), Some(Code::Poison));
    let failed = Event::Failed(error(Fault::Service, true));
    let after = next(
        &Standing {
            losses: 2,
            ..standing(JobState::Running)
        },
        failed,
        &policy,
        now(),
        0,
    )
    .unwrap();
    assert_eq!(after.losses, 0);
    let released = next(
        &Standing {
            losses: 2,
            ..standing(JobState::Running)
        },
        Event::Released,
        &policy,
        now(),
        0,
    )
    .unwrap();
    assert_eq!(
        released.losses, 2,
        "giving a job back proves nothing about it"
    );
}

#[test]
fn retries_end_and_their_pauses_grow_to_a_cap() {
    let policy = Policy::default();
    let fail = |kind, failures| {
        let standing = Standing {
            kind,
            failures,
            ..standing(JobState::Running)
        };
        next(
            &standing,
            Event::Failed(error(Fault::Service, true)),
            &policy,
            now(),
            0,
        )
        .unwrap()
        .state
    };
    assert_eq!(
        (fail(JobKind::Compress, 4), fail(JobKind::Compress, 5)),
        (JobState::Queued, JobState::Failed)
    );
    assert_eq!(
        (fail(JobKind::Benchmark, 0), fail(JobKind::Benchmark, 1)),
        (JobState::Queued, JobState::Failed)
    );
    for (failures, low, high) in [
        (1, 900, 1_100),
        (2, 14_400, 17_600),
        (5, 562_500, 687_500),
        (9, 3_240_000, 3_960_000),
    ] {
        for spread in 0..5_000 {
            let pause = backoff_ms(failures, &policy, spread * 7_919);
            assert!((low..=high).contains(&pause), "{failures} {spread} {pause}");
        }
    }
    assert!(backoff_ms(u32::MAX, &policy, u64::MAX) <= 3_960_000);
}
