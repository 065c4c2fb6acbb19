//! The words, ids, names, times and digests read what they write, and refuse the rest.

mod words {
    use std::fmt::Debug;
    use std::str::FromStr;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use crate::jobs::{
        AttemptState, Fault, FollowerState, JobKind, JobState, LogLevel, Phase, WaitReason,
    };
    use crate::problem::Code;
    use crate::tokens::Scope;

    fn check<T>(all: &[T], as_str: fn(T) -> &'static str)
    where
        T: Copy + Debug + PartialEq + Serialize + DeserializeOwned + FromStr<Err: Debug>,
    {
        assert!(!all.is_empty());
        for &word in all {
            let text = as_str(word);
            assert!(
                text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{text}"
            );
            assert_eq!(serde_json::to_string(&word).unwrap(), format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<T>(&format!("\"{text}\"")).unwrap(),
                word
            );
            assert_eq!(text.parse::<T>().unwrap(), word);
        }
    }

    #[test]
    fn every_enumeration_has_one_spelling() {
        check(JobKind::ALL, JobKind::as_str);
        check(JobState::ALL, JobState::as_str);
        check(AttemptState::ALL, AttemptState::as_str);
        check(Phase::ALL, Phase::as_str);
        check(Fault::ALL, Fault::as_str);
        check(WaitReason::ALL, WaitReason::as_str);
        check(FollowerState::ALL, FollowerState::as_str);
        check(LogLevel::ALL, LogLevel::as_str);
        check(Code::ALL, Code::as_str);
        check(Scope::ALL, Scope::as_str);
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        let error = "done".parse::<JobState>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"done\" is not a job state; known are queued, running, succeeded, failed, cancelled"
        );
    }
}

mod ids {
    use crate::ids::*;

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        let text = "0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b";
        let id: JobId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{text}\""));
        assert_eq!(
            text.to_uppercase().parse::<JobId>().unwrap().to_string(),
            text
        );
        for bad in [
            "",
            "x",
            "0193a1b2c3d47e5f8a6b7c8d9e0f1a2b",
            "{0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b}",
        ] {
            assert_eq!(
                bad.parse::<JobId>().unwrap_err().to_string(),
                "not a job id: expected a UUID",
                "{bad}"
            );
        }
    }
}

mod time {
    use crate::time::*;

    #[test]
    fn milliseconds_are_always_written() {
        for (given, written) in [
            ("2026-11-24T13:00:00Z", "2026-11-24T13:00:00.000Z"),
            ("2026-11-24T14:00:00.1239+01:00", "2026-11-24T13:00:00.123Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            let time: Time = given.parse().unwrap();
            assert_eq!(time.to_string(), written);
            assert_eq!(Time::from_unix_ms(time.unix_ms()), Some(time));
            assert_eq!(
                serde_json::from_str::<Time>(&serde_json::to_string(&time).unwrap()).unwrap(),
                time
            );
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_time() {
        let time = Time::from_unix_ms(0).unwrap();
        assert_eq!(time.plus_ms(60_000).unix_ms(), 60_000);
        assert!(time.plus_ms(i64::MAX) > time);
        assert!(time.plus_ms(i64::MIN) < time);
    }
}

mod digest {
    use crate::digest::*;

    #[test]
    fn a_digest_reads_what_it_writes_and_nothing_else() {
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(index * 8).unwrap();
        }
        let digest = Digest(bytes);
        let text = digest.to_string();
        assert_eq!(
            text,
            "sha256:0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8"
        );
        assert_eq!(text.parse::<Digest>().unwrap(), digest);
        for bad in [
            "",
            "sha256:",
            &text[7..],
            &text[..70],
            &text.to_uppercase(),
            &format!("{text}0"),
            &text.replace('f', "g"),
        ] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}

mod names {
    use crate::names::*;

    #[test]
    fn names_are_checked_at_the_edge() {
        let long = "a".repeat(101);
        for (name, why) in [
            ("MobileNet-v2.1_b", None),
            ("7", None),
            ("", Some(InvalidName::Empty)),
            (long.as_str(), Some(InvalidName::TooLong { max_bytes: 100 })),
            ("-a", Some(InvalidName::Character('-'))),
            ("..", Some(InvalidName::Character('.'))),
            ("a/b", Some(InvalidName::Character('/'))),
            ("a@b", Some(InvalidName::Character('@'))),
            ("modèle", Some(InvalidName::Character('è'))),
            ("a\0", Some(InvalidName::Character('\0'))),
            (
                "0193a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b",
                Some(InvalidName::LooksLikeAnId),
            ),
            (
                "0193a1b2c3d47e5f8a6b7c8d9e0f1a2b",
                Some(InvalidName::LooksLikeAnId),
            ),
        ] {
            assert_eq!(name.parse::<ModelName>().err(), why, "{name}");
        }
    }

    #[test]
    fn a_tag_is_a_key_and_a_value() {
        let (key, value) = parse_tag("branch:feature/x=1").unwrap();
        assert_eq!((key.as_str(), value.as_str()), ("branch", "feature/x=1"));
        assert_eq!(parse_tag("commit=abc").unwrap().1.as_str(), "abc");
        assert_eq!(parse_tag("commit").unwrap_err(), InvalidName::NoSeparator);
        assert_eq!(
            parse_tag("a:\u{7}").unwrap_err(),
            InvalidName::Character('\u{7}')
        );
    }

    #[test]
    fn text_without_nul_is_free() {
        use crate::revisions::RevisionPatch;
        for (body, notes) in [
            ("{}", Some(None)),
            (r#"{"notes": null}"#, Some(None)),
            (r#"{"notes": "a\nb \u2603"}"#, Some(Some("a\nb \u{2603}"))),
            (r#"{"notes": "a\u0000b"}"#, None),
        ] {
            let patch = serde_json::from_str::<RevisionPatch>(body).ok();
            let found = patch.as_ref().map(|patch| patch.notes.as_deref());
            assert_eq!(found, notes, "{body}");
        }
    }
}
