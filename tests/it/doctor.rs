//! `accord doctor`: each check, healthy and failing.

use crate::support::{
    TestApp,
    smtp::{Mode, SmtpSink},
};
use accord::{
    app::doctor::{self, Finding, Health},
    base::Secret,
    server::{commands, config::Config, db},
};
use leptos::config::LeptosOptions;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn config(pairs: &[(&str, &str)]) -> Config {
    Config::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())).unwrap()
}

/// The only finding with this subject.
#[track_caller]
fn about<'f>(findings: &'f [Finding], about: &str) -> &'f Finding {
    findings.iter().find(|finding| finding.about == about).unwrap_or_else(|| panic!("{about} in {findings:?}"))
}

#[tokio::test]
async fn a_correct_database_has_no_findings() {
    let app = TestApp::start().await;
    let findings = doctor::database(&app.state.pool, &app.state.config).await;
    for finding in &findings {
        assert_eq!(finding.health, Health::Ok, "{finding}");
    }
    assert!(about(&findings, "database").text.ends_with("connected as accord_app."));
    assert_eq!(about(&findings, "role").text, "accord_app owns nothing and cannot change the activity.");
    assert_eq!(doctor::clock(&app.state.pool).await.health, Health::Ok);
}

/// The owner's URL of a test's database.
async fn owner_url(app: &TestApp) -> String {
    let name: String = sqlx::query_scalar("select current_database()::text").fetch_one(&app.state.pool).await.unwrap();
    let owner = std::env::var("ACCORD_TEST_DATABASE_URL").unwrap();
    let (server, parameters) = owner.split_once('?').unwrap();
    format!("{}/{name}?{parameters}", server.rsplit_once('/').unwrap().0)
}

#[tokio::test]
async fn a_single_role_for_everything_is_warned_about() {
    let app = TestApp::start().await;
    let url = owner_url(&app).await;
    let pool = db::connect(&Secret::new(url), &app.state.config, 1).await.unwrap();
    let findings = doctor::database(&pool, &app.state.config).await;
    assert_eq!(about(&findings, "role").health, Health::Warning);
    assert!(about(&findings, "role").text.contains("DATABASE_OWNER_URL"));
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&pool)
        .await
        .unwrap();
    let behind = doctor::database(&pool, &app.state.config).await;
    assert_eq!(about(&behind, "schema").health, Health::Fault);
    assert!(about(&behind, "schema").text.contains("accord migrate"));
    pool.close().await;
}

#[tokio::test]
async fn more_connections_than_postgres_allows_are_warned_about() {
    let app = TestApp::start().await;
    let findings = doctor::database(&app.state.pool, &config(&[("DATABASE_CONNECTIONS", "1000")])).await;
    assert_eq!(about(&findings, "connections").health, Health::Warning);
}

#[tokio::test]
async fn the_mail_server_is_checked_without_sending_anything() {
    let sink = SmtpSink::start();
    let with = |url: &str| config(&[("SMTP_URL", url)]);
    assert_eq!(doctor::mail_server(&config(&[])).await.health, Health::Ok, "the development mailbox");
    assert_eq!(doctor::mail_server(&with(&sink.url())).await.health, Health::Ok);
    assert!(sink.connections() > 0);
    let away = doctor::mail_server(&with("smtp://user:hunter2@127.0.0.1:1")).await;
    assert_eq!(away.health, Health::Fault);
    assert!(!away.text.contains("hunter2"), "{away}");
    let unreadable = doctor::mail_server(&with("mail.example:hunter2")).await;
    assert!(unreadable.health == Health::Fault && !unreadable.text.contains("hunter2"), "{unreadable}");
    sink.set(Mode::MalformedHello);
    assert_eq!(doctor::mail_server(&with(&sink.url())).await.health, Health::Fault);
    assert_eq!(sink.mails(), Vec::<String>::new());
}

#[tokio::test]
async fn a_test_email_is_sent_on_request() {
    let sink = SmtpSink::start();
    let app = TestApp::start_with(&[("SMTP_URL", &sink.url())]).await;
    assert_eq!(doctor::send_test(&app.state, "ops@accord.example").await.health, Health::Ok);
    assert_eq!(sink.mails().len(), 1);
    assert_eq!(doctor::send_test(&app.state, "nobody").await.health, Health::Fault);
    sink.set(Mode::Permanent);
    let refused = doctor::send_test(&app.state, "ops@accord.example").await;
    assert_eq!(refused.text, "The mail server rejected this address or email (550).");
}

#[tokio::test]
async fn unsent_emails_are_warned_about() {
    let app = TestApp::start_with(&[("SMTP_URL", "smtp://127.0.0.1:1")]).await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    assert_eq!(doctor::queue(&app.state.pool).await.health, Health::Ok);
    buyer.invite(flow, "cy@seller.example", "").await.expect(303);
    app.execute("update mails set next_try_at = now() - interval '20 minutes'").await.unwrap();
    let overdue = doctor::queue(&app.state.pool).await;
    assert!(overdue.health == Health::Warning && overdue.text.contains("20 minutes"), "{overdue}");
    app.deliver().await;
    let failing = doctor::queue(&app.state.pool).await;
    assert_eq!(failing.health, Health::Warning);
    assert!(failing.text.ends_with("The mail server cannot be reached."), "{failing}");
}

/// A folder for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("accord-doctor-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn the_site_must_match_the_build_of_the_program() {
    let folder = Folder::new("site");
    let root = folder.0.join("site").display().to_string();
    let options = LeptosOptions::builder().output_name("accord").site_root(root).hash_files(true).build();
    let health = |program: &Path| doctor::site(&options, program).iter().map(|finding| finding.health).max().unwrap();
    assert_eq!(health(&folder.0), Health::Fault, "no site");
    for name in ["site/pkg/accord.one.css", "site/pkg/accord.two.js", "site/pkg/accord.three.wasm"] {
        folder.write(name, "");
    }
    assert_eq!(health(&folder.0), Health::Fault, "no hash.txt beside the program");
    folder.write("hash.txt", "js: two\nwasm: three\ncss: one\n");
    assert_eq!(health(&folder.0), Health::Ok);
    folder.write("hash.txt", "js: two\ncss: one\n");
    let [unnamed] = &doctor::site(&options, &folder.0)[..] else { panic!("expected one finding: a file is not named") };
    assert!(
        unnamed.health == Health::Fault && unnamed.text.contains("hash.txt does not list the wasm file"),
        "{unnamed}"
    );
    folder.write("hash.txt", "");
    assert_eq!(doctor::site(&options, &folder.0).len(), 3, "no file is named");
    folder.write("hash.txt", "js: two\nwasm: three\ncss: newer\n");
    let [missing] = &doctor::site(&options, &folder.0)[..] else { panic!("expected one finding: a file is missing") };
    assert!(missing.health == Health::Fault && missing.text.contains("accord.newer.css"), "{missing}");
    folder.write("hash.txt", "js: two\nwasm: three\ncss: one\nteam_panel: accord.four.bin\n");
    let [missing] = &doctor::site(&options, &folder.0)[..] else { panic!("expected one finding: a pack is missing") };
    assert!(missing.health == Health::Fault && missing.text.contains("accord.four.bin"), "{missing}");
}

#[test]
fn a_site_without_hashed_names_needs_no_hash_list() {
    let folder = Folder::new("plain-site");
    let root = folder.0.join("site").display().to_string();
    let options = LeptosOptions::builder().output_name("accord").site_root(root).build();
    folder.write("site/pkg/accord.css", "");
    folder.write("site/pkg/accord.js", "");
    let [missing] = &doctor::site(&options, &folder.0)[..] else { panic!("expected one finding: a file is missing") };
    assert!(missing.text.contains("pkg/accord.wasm is missing"), "{missing}");
    folder.write("site/pkg/accord.wasm", "");
    assert_eq!(doctor::site(&options, &folder.0)[0].health, Health::Ok);
}

/// The program under another path, away from the list of hashed names that the build wrote.
fn program_in(folder: &Folder) -> PathBuf {
    let program = folder.0.join("accord");
    fs::hard_link(env!("CARGO_BIN_EXE_accord"), &program)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_accord"), &program).map(drop))
        .unwrap();
    program
}

fn run(program: &Path, command: &str, variables: &[(&str, &str)]) -> Output {
    let mut command_line = Command::new(program);
    command_line.arg(command).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command_line.envs(variables.iter().copied()).output().unwrap()
}

#[tokio::test]
async fn serve_exits_at_startup_if_site_files_are_missing() {
    let folder = Folder::new("program");
    let (program, site, data) = (program_in(&folder), folder.0.join("site"), folder.0.join("data"));
    let (site, data) = (site.to_str().unwrap(), data.to_str().unwrap());
    let serve = || {
        let ended = run(&program, "serve", &[("LEPTOS_SITE_ROOT", site), ("ACCORD_DATA", data)]);
        assert_eq!(ended.status.code(), Some(1));
        String::from_utf8(ended.stderr).unwrap()
    };
    assert!(serve().starts_with(&format!("accord: The folder {site} does not exist. Run `make build`")), "{}", serve());
    folder.write("site/pkg/accord.one.css", "");
    let list = folder.0.join("hash.txt");
    assert!(serve().starts_with(&format!("accord: {} is missing", list.display())), "{}", serve());
    assert!(serve().contains("make build"));
    folder.write("hash.txt", "css: one\njs: two\n");
    assert!(serve().contains("hash.txt does not list the wasm file"), "{}", serve());
    folder.write("hash.txt", "css: one\njs: two\nwasm: three\n");
    let said = serve();
    assert!(said.contains("accord.two.js is missing") && said.contains("accord.three.wasm is missing"), "{said}");
    assert!(!Path::new(data).exists(), "no database was started");
}

#[tokio::test]
async fn only_serve_needs_the_site() {
    let (app, folder) = (TestApp::start().await, Folder::new("no-site"));
    let url = owner_url(&app).await;
    let variables = [("DATABASE_URL", url.as_str()), ("DATABASE_OWNER_URL", &url), ("LEPTOS_SITE_ROOT", "/nowhere")];
    let ended = run(&program_in(&folder), "migrate", &variables);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn a_secret_key_readable_by_others_is_warned_about() {
    let folder = Folder::new("data");
    let key = folder.write("secret-key", "not secret");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let findings = doctor::data(&folder.0);
    assert_eq!(about(&findings, "data folder").health, Health::Ok);
    assert!(about(&findings, "secret key").text.contains("chmod 600"));
    assert!(findings.iter().all(|finding| !finding.text.contains("not secret")));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(about(&doctor::data(&folder.0), "secret key").health, Health::Ok);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no file is left behind");
    assert!(commands::data_folder().is_relative());
}

const PRODUCTION: [(&str, &str); 7] = [
    ("ACCORD_ENV", "production"),
    ("DATABASE_URL", "postgres://accord_app@localhost:1/accord"),
    ("BASE_URL", "https://accord.example"),
    ("SMTP_URL", "smtp://localhost:1"),
    ("MAIL_FROM", "post@accord.example"),
    ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ("OPERATOR_EMAIL", "operator@accord.example"),
];

#[test]
fn a_proxy_that_is_not_configured_is_found() {
    let check = |more: &[(&str, &str)]| doctor::proxies(&config(&[more, &PRODUCTION[..]].concat()));
    let on_this_machine = check(&[]);
    assert_eq!(on_this_machine.health, Health::Fault);
    assert!(
        on_this_machine.text.contains("TRUSTED_PROXIES is 0. Set it to the number of proxies"),
        "{on_this_machine}"
    );
    assert_eq!(check(&[("LISTEN_ADDR", "0.0.0.0:80")]).health, Health::Warning);
    assert_eq!(check(&[("LISTEN_ADDR", "0.0.0.0:80"), ("BASE_URL", "http://accord.example")]).health, Health::Ok);
    assert_eq!(check(&[("TRUSTED_PROXIES", "1")]).health, Health::Ok);
    assert_eq!(doctor::proxies(&config(&[])).health, Health::Ok, "development");
}

#[test]
fn production_does_not_serve_behind_a_proxy_that_is_not_configured() {
    let folder = Folder::new("proxies");
    let ended = run(&program_in(&folder), "serve", &PRODUCTION);
    assert_eq!(ended.status.code(), Some(1));
    let sentence = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(sentence.contains("LISTEN_ADDR is 127.0.0.1:3000") && sentence.contains("TRUSTED_PROXIES"), "{sentence}");
}
