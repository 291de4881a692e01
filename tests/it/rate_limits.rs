//! The rate limits themselves: shared by all processes, kept over restarts, exact, bounded, and told in headers.

use crate::support::{TestApp, app::PASSWORD};
use accord::{
    app::serve,
    base::{AppError, Problem, paths},
    server::{
        Fault,
        throttle::{Bucket, Limit},
    },
};
use axum::{body::Body, http::Method};
use futures::future::join_all;
use serde_json::json;
use std::time::Instant;
use time::Duration;

/// Seconds to wait; None if one was taken.
async fn wait<const N: usize>(app: &TestApp, buckets: [Bucket; N]) -> Option<u64> {
    match app.state.limits.take(buckets).await {
        Ok(()) => None,
        Err(Fault::RateLimited(exceeded)) => Some(exceeded.seconds),
        Err(other) => panic!("{other}"),
    }
}

/// Every limit: how many at once, and the seconds in which they come back.
const FIGURES: [(Limit, u64, u64); 20] = [
    (Limit::SignInUserByAddress, 10, 600),
    (Limit::SignInUser, 50, 3000),
    (Limit::SignInKnownBrowser, 30, 600),
    (Limit::SignInAddress, 100, 300),
    (Limit::CurrentPassword, 10, 600),
    (Limit::SignUpRecipient, 10, 6000),
    (Limit::SignUpRecipientAgain, 4, 2400),
    (Limit::SignUpAddress, 20, 1200),
    (Limit::ForgotRecipient, 3, 3600),
    (Limit::ForgotAddress, 20, 1200),
    (Limit::ChangeEmailFirst, 1, 86400),
    (Limit::ChangeEmailRecipient, 2, 2400),
    (Limit::ChangeEmailPerson, 5, 6000),
    (Limit::UnknownLink, 30, 300),
    (Limit::NewCompany, 5, 18000),
    (Limit::InviteRecipientByAccount, 4, 86400),
    (Limit::InviteRecipient, 10, 86400),
    (Limit::InvitePerson, 30, 600),
    (Limit::InviteAccount, 100, 86400),
    (Limit::InviteAddress, 300, 9000),
];

#[tokio::test]
async fn processes_share_every_limit_and_a_restart_keeps_it() {
    let one = TestApp::start().await;
    let two = one.restart().await;
    for (limit, count, period) in FIGURES {
        let (start, mut taken) = (Instant::now(), 0);
        for turn in 0.. {
            let app = if turn % 2 == 0 { &one } else { &two };
            match wait(app, [limit.of("ann")]).await {
                None => taken += 1,
                Some(_) => break,
            }
        }
        // Some come back evenly, however slow this machine is.
        let regained = start.elapsed().as_secs() * count / period + 1;
        assert!((count..=count + regained).contains(&taken), "{limit:?}: {taken}");
        assert!(wait(&one, [limit.of("ann")]).await.is_some() && wait(&two, [limit.of("ann")]).await.is_some());
        assert_eq!(wait(&two, [limit.of("bob")]).await, None, "another key");
    }
    let restarted = one.restart().await;
    for (limit, ..) in FIGURES.into_iter().filter(|(_, count, period)| period / count > 5) {
        assert!(wait(&restarted, [limit.of("ann")]).await.is_some(), "{limit:?}");
    }
}

#[tokio::test]
async fn a_bucket_is_separate_for_each_key_and_refills() {
    let app = TestApp::start().await;
    let wait = async |key: &str| wait(&app, [Limit::ForgotRecipient.of(key)]).await;
    for _ in 0..3 {
        assert_eq!(wait("ann").await, None);
    }
    assert!(wait("ann").await.is_some_and(|seconds| (1190..=1200).contains(&seconds)));
    assert_eq!(wait("bob").await, None);
    app.advance(Duration::seconds(1201));
    assert_eq!(wait("ann").await, None);
    assert!(wait("ann").await.is_some());
    app.advance(Duration::hours(1));
    for _ in 0..3 {
        assert_eq!(wait("ann").await, None, "fully refilled");
    }
}

#[tokio::test]
async fn a_limit_per_period_never_allows_more_in_any_period() {
    let app = TestApp::start().await;
    let take = async |count: usize| {
        for number in 0..count {
            assert_eq!(wait(&app, [Limit::InvitePerson.of("ann")]).await, None, "{number} of {count}");
        }
        wait(&app, [Limit::InvitePerson.of("ann")]).await
    };
    for _ in 0..10 {
        assert_eq!(wait(&app, [Limit::InvitePerson.of("ann")]).await, None);
    }
    app.advance(Duration::minutes(5));
    assert!(take(20).await.is_some_and(|seconds| (250..=300).contains(&seconds)));
    app.advance(Duration::minutes(5));
    assert!(take(10).await.is_some_and(|seconds| (250..=300).contains(&seconds)), "the twenty are still in the period");
    app.advance(Duration::minutes(5));
    assert!(take(20).await.is_some());
}

#[tokio::test]
async fn concurrent_takes_never_exceed_a_limit() {
    let one = TestApp::start().await;
    let two = one.restart().await;
    for (limit, count) in [(Limit::SignInUser, 50), (Limit::InvitePerson, 30), (Limit::InviteRecipientByAccount, 4)] {
        let takes = (0..120).map(|turn| wait(if turn % 2 == 0 { &one } else { &two }, [limit.of("ann")]));
        let taken = join_all(takes).await.into_iter().filter(Option::is_none).count();
        assert!((count..=count + 1).contains(&taken), "{limit:?}: {taken}");
    }
}

#[tokio::test]
async fn several_are_taken_together_or_not_at_all_in_any_order() {
    let app = TestApp::start().await;
    let (user, network) = (Limit::SignInUser.of("ann"), Limit::SignInUserByAddress.of("192.0.2.1 ann"));
    let takes = (0..60).map(|turn| wait(&app, if turn % 2 == 0 { [user, network] } else { [network, user] }));
    let taken = join_all(takes).await.into_iter().filter(Option::is_none).count();
    assert!((10..=11).contains(&taken), "{taken}");
    let other = app.restart().await;
    let mut left = 0;
    while wait(&other, [user]).await.is_none() {
        left += 1;
    }
    assert!((39..=41).contains(&left), "the refused ones took {left} of the user's 40");
}

#[tokio::test]
async fn an_attempt_counts_even_if_its_work_fails_and_waits_for_no_connection() {
    let app = TestApp::start().await;
    let cx = app.state.system().await.unwrap();
    // More transactions than connections, each of which takes while it holds one.
    let works = (0..12).map(|_| {
        cx.write((), |tx, ()| {
            Box::pin(async move {
                tx.cx.take([Limit::CurrentPassword.of("ann")]).await?;
                Err::<(), _>(Fault::from(Problem::CurrentPasswordWrong))
            })
        })
    });
    let results = join_all(works).await;
    let limited = results.iter().filter(|result| matches!(result, Err(Fault::RateLimited(_)))).count();
    assert!((1..=2).contains(&limited), "{results:?}");
}

#[tokio::test]
async fn full_buckets_are_deleted_in_batches() {
    let app = TestApp::start().await;
    // Other due work comes first, so that buckets alone are counted.
    serve::run_due(&app.state).await.unwrap();
    app.execute(
        "insert into rate_limits (key, full_at)
         select decode(lpad(to_hex(n), 32, '0'), 'hex'), now() - interval '1 second' from generate_series(1, 2500) n",
    )
    .await
    .unwrap();
    assert_eq!(wait(&app, [Limit::ForgotRecipient.of("ann")]).await, None);
    assert_eq!(app.state.limits.clean().await.unwrap(), 1000, "one batch");
    let mut deleted = 1000;
    while let more @ 1.. = serve::run_due(&app.state).await.unwrap() {
        deleted += more;
    }
    assert_eq!((deleted, app.count("rate_limits").await), (2500, 1));
    app.advance(Duration::minutes(21));
    assert_eq!(app.state.limits.clean().await.unwrap(), 1);
    assert_eq!(app.count("rate_limits").await, 0);
}

/// Takes from a bucket of three while there are too many rows.
async fn take_crowded(app: &TestApp, key: u8) -> bool {
    let refused: Option<(i32, f64)> = sqlx::query_as(
        "select * from take_rate_limits(array[$1::bytea], array[$2::bytea], array[3], array[600.0::float8], array[true], 0, 0)",
    )
    .bind([key; 16])
    .bind([0_u8; 16])
    .fetch_optional(&app.state.pool)
    .await
    .unwrap();
    refused.is_none()
}

#[tokio::test]
async fn a_flood_of_keys_shares_buckets_and_leaves_those_with_a_row_alone() {
    let app = TestApp::start().await;
    app.execute("insert into rate_limits (key, full_at) values (decode(repeat('07', 16), 'hex'), now())")
        .await
        .unwrap();
    let mut taken = 0;
    for key in 100..200 {
        taken += i32::from(take_crowded(&app, key).await);
    }
    assert_eq!((taken, app.count("rate_limits").await), (3, 2));
    assert!(take_crowded(&app, 7).await);
}

#[tokio::test]
async fn disabled_limits_allow_everything() {
    let app = TestApp::start_with(&[("LIMITS", "off")]).await;
    for _ in 0..100 {
        assert_eq!(wait(&app, [Limit::ForgotRecipient.of("ann")]).await, None);
    }
    assert_eq!(app.count("rate_limits").await, 0);
}

#[tokio::test]
async fn a_page_says_in_headers_which_limit_was_reached_and_for_how_long() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "1")]).await;
    app.buyer().await;
    let eve = app.visitor("", "", "");
    for _ in 0..10 {
        eve.sign_in_from("192.0.2.1", "ann@buyer.example", "wrong password").await.expect(401);
    }
    let refused = eve.sign_in_from("192.0.2.1", "ann@buyer.example", PASSWORD).await.expect(429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit-policy"), "\"sign-in-user-by-address\";q=10;w=600");
    assert_eq!(refused.header("ratelimit"), format!("\"sign-in-user-by-address\";r=0;t={wait}"));
    let unknown = paths::link(&"0".repeat(64));
    let headers = [("x-forwarded-for", "192.0.2.9"), ("accept", "text/html")];
    for _ in 0..30 {
        eve.send(Method::GET, &unknown, &headers, Body::empty()).await.expect(404);
    }
    let refused = eve.send(Method::GET, &unknown, &headers, Body::empty()).await.expect(429);
    assert!(refused.header("ratelimit").starts_with("\"unknown-link\";r=0;t="), "{refused:?}");
    assert!((1..=10).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
}

#[tokio::test]
async fn unknown_links_of_every_kind_are_counted_together() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "1")]).await;
    let token = "0".repeat(64);
    let links = [paths::link(&token), paths::stop_invitations(&token), paths::verify(&token), paths::reset(&token)];
    let eve = app.visitor("", "", "");
    let (headers, mut answered) = ([("x-forwarded-for", "192.0.2.9"), ("accept", "text/html")], 0);
    for link in links.iter().cycle().take(60) {
        let response = eve.send(Method::GET, link, &headers, Body::empty()).await;
        answered += i32::from([404, 410].contains(&response.status.as_u16()));
    }
    assert!((30..=33).contains(&answered), "{answered}");
    let form = [("form", "verify"), ("do", "stop"), ("password", PASSWORD)];
    for link in &links {
        let refused = eve.post_through("192.0.2.9", link, &form).await.expect(429);
        assert!(!refused.header("retry-after").is_empty(), "{link}");
    }
}

#[tokio::test]
async fn in_production_everything_behind_an_unknown_proxy_on_this_machine_is_one_caller() {
    let variables = [
        ("ACCORD_ENV", "production"),
        ("TRUSTED_PROXIES", "1"),
        ("DATABASE_URL", "postgres://elsewhere"),
        ("SMTP_URL", "smtp://127.0.0.1:1"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ];
    let app = TestApp::start_with(&variables).await;
    let eve = app.visitor("", "", "");
    let forgot = async |number: u32, address: &str| {
        let email = format!("ann{number}@buyer.example");
        eve.post_through(address, paths::FORGOT, &[("form", "forgot"), ("email", &email)]).await
    };
    for number in 0..20 {
        forgot(number, if number % 2 == 0 { "127.0.0.1" } else { "::1" }).await.expect(303);
    }
    forgot(20, "127.0.0.7").await.expect(429);
    forgot(20, "192.0.2.1").await.expect(303);
}

#[tokio::test]
async fn other_machines_do_not_see_the_development_pages() {
    let app = TestApp::start_with(&[("TRUSTED_PROXIES", "1")]).await;
    app.visitor("", "", "").forgot("ann@buyer.example").await.expect(303);
    let mail = app.mail_to("ann@buyer.example").await.id;
    let eve = app.visitor("", "", "");
    let pages = [
        paths::MAILBOX.to_owned(),
        format!("{}/{mail}", paths::MAILBOX),
        format!("{}/{mail}/html", paths::MAILBOX),
        paths::MAILBOX_JSON.to_owned(),
        paths::GALLERY.to_owned(),
    ];
    for page in &pages {
        for (address, status) in [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 403), ("10.0.0.7", 403)] {
            let headers = [("x-forwarded-for", address), ("accept", "text/html")];
            let shown = eve.send(Method::GET, page, &headers, Body::empty()).await.expect(status);
            if status == 403 {
                let sentence = AppError::from(Problem::LocalOnly).to_string();
                assert!(shown.body.contains(&sentence) && !shown.body.contains("ann@buyer.example"), "{page}");
            }
        }
    }
}

#[tokio::test]
async fn a_function_and_a_call_of_the_api_tell_the_same_in_headers() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    for number in 0..30 {
        buyer.invite(flow, &format!("cy{number}@seller.example"), "").await.expect(303);
    }
    let api = app.api(&buyer).await;
    let responses = [
        buyer.invite(flow, "di@seller.example", "").await,
        buyer.invite_by_function(flow, "di@seller.example", "").await,
        api.post("/invitations/source", json!({ "email": "di@seller.example" })).await,
    ];
    for response in responses {
        let response = response.expect(429);
        let wait = response.header("retry-after").to_owned();
        assert!((500..=600).contains(&wait.parse::<u64>().unwrap()), "{wait}");
        assert_eq!(response.header("ratelimit-policy"), "\"invite-person\";q=30;w=600");
        assert_eq!(response.header("ratelimit"), format!("\"invite-person\";r=0;t={wait}"));
    }
    assert_eq!(app.mails_to("di@seller.example").await.len(), 0);
    buyer.invite(flow, "cy1@seller.example", "").await.expect(303);
}
