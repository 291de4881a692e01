//! Sessions are rows. The cookie holds 256 random bits, the row their hash. A session expires after 14 idle days, or 90
//! days after sign-in.

use super::{AppState, AuthMethod, Cx, Fault, Membership, PartnerMembership, Tx, Viewer, peer};
use crate::base::{AccountId, AppError, SessionId, Token, UserId};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use sqlx::{PgConnection, types::Json};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

const MAX_IDLE: Duration = Duration::days(14);
const MAX_AGE: Duration = Duration::days(90);
/// How stale "last seen" may become before it is updated.
const LAST_SEEN_INTERVAL: Duration = Duration::minutes(5);

/// The session cookie's name, with the `__Host-` prefix over HTTPS, where browsers enforce it.
pub fn cookie_name(state: &AppState) -> &'static str {
    if state.config.base_url.is_https() { "__Host-accord" } else { "accord" }
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// A cookie that is HttpOnly, SameSite=Lax, and Secure if the site uses HTTPS.
pub fn set_cookie(state: &AppState, name: &str, value: &str, path: &str, max_age: Duration) -> HeaderValue {
    let secure = if state.config.base_url.is_https() { "; Secure" } else { "" };
    let seconds = max_age.whole_seconds();
    let text = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// An encrypted cookie that only we can read or create; `about` is its purpose.
pub fn sealed_cookie(
    state: &AppState,
    name: &str,
    about: &[u8],
    secret: &[u8],
    path: &str,
    age: Duration,
) -> HeaderValue {
    let value = BASE64_URL_SAFE_NO_PAD.encode(state.seal.close(about, secret));
    set_cookie(state, name, &value, path, age)
}

/// The content of a sealed cookie.
pub fn unsealed_cookie(state: &AppState, headers: &HeaderMap, name: &str, about: &[u8]) -> Option<Vec<u8>> {
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie(headers, name)?).ok()?;
    state.seal.open(about, &sealed)
}

/// Starts a session within the transaction, ends the browser's previous one, and returns the cookie to set. Every
/// sign-in and sign-up gets a new session, so a cookie value known before is useless afterwards.
pub async fn start(tx: &mut Tx, user_id: UserId, active: Option<AccountId>) -> Result<HeaderValue, Fault> {
    if let Some(old) = tx.cx.viewer.as_ref().and_then(|viewer| viewer.session().ok()) {
        end(tx, old).await?;
    }
    let (_, token) = insert(tx, user_id, active).await?;
    let state = &tx.cx.state;
    Ok(set_cookie(state, cookie_name(state), &token.reveal(), "/", MAX_AGE))
}

/// A context in the name of a person, for work without a browser such as adding demo data. The caller ends its session.
pub async fn act_as(cx: &Cx, user_id: UserId, account_id: AccountId) -> Result<Cx, Fault> {
    let started = cx.write((user_id, account_id), |tx, (user, account)| Box::pin(insert(tx, user, Some(account))));
    let (id, _) = started.await?;
    let viewer = find_by_id(&cx.state, id).await?.ok_or(AppError::SignedOut)?;
    Ok(Cx { viewer: Some(Arc::new(viewer)), ..cx.clone() })
}

async fn insert(tx: &mut Tx, user_id: UserId, active: Option<AccountId>) -> Result<(SessionId, Token), Fault> {
    let token = Token::from_bytes(super::ids::random_bytes());
    let (id, now) = (tx.make_id::<SessionId>(), tx.now());
    let address = tx.cx.address.clone().unwrap_or_default();
    let hash = token.hashed();
    let browser = tx.cx.browser.clone();
    sqlx::query!(
        "insert into sessions (id, token_hash, user_id, account_id, created_at, last_seen_at, expires_at, address, browser)
         values ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
        id as _,
        hash.bytes(),
        user_id as _,
        active as _,
        now,
        now + MAX_AGE,
        address,
        browser,
    )
    .execute(&mut **tx)
    .await?;
    Ok((id, token))
}

/// Gives the browser's session a new secret after its access has changed, so a cookie value known before is useless.
pub async fn renew(tx: &mut Tx) -> Result<HeaderValue, Fault> {
    let session_id = tx.cx.viewer()?.session()?;
    let token = Token::from_bytes(super::ids::random_bytes());
    let hash = token.hashed();
    let expires_at = sqlx::query_scalar!(
        "update sessions set token_hash = $2 where id = $1 returning expires_at",
        session_id as _,
        hash.bytes(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::SignedOut)?;
    let state = &tx.cx.state;
    Ok(set_cookie(state, cookie_name(state), &token.reveal(), "/", expires_at - tx.now()))
}

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct ActiveSession {
    pub id: SessionId,
    pub address: String,
    pub browser: String,
    pub last_seen_at: OffsetDateTime,
}

/// The browsers a person is signed in with, most recently seen first.
pub async fn list_active(
    conn: &mut PgConnection,
    user_id: UserId,
    now: OffsetDateTime,
) -> Result<Vec<ActiveSession>, Fault> {
    let sessions = sqlx::query_as!(
        ActiveSession,
        r#"select id as "id: SessionId", address, browser, last_seen_at from sessions
           where user_id = $1 and expires_at > $2 and last_seen_at > $3 order by last_seen_at desc, id desc"#,
        user_id as _,
        now,
        now - MAX_IDLE,
    )
    .fetch_all(conn)
    .await?;
    Ok(sessions)
}

/// Ends one session of a person; returns false if there was none.
pub async fn end_one(conn: &mut PgConnection, user_id: UserId, id: SessionId) -> Result<bool, Fault> {
    let ended = sqlx::query!("delete from sessions where id = $1 and user_id = $2", id as _, user_id as _)
        .execute(conn)
        .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends all sessions of a person, except one if given; returns how many.
pub async fn end_all(conn: &mut PgConnection, user_id: UserId, except: Option<SessionId>) -> Result<u64, Fault> {
    let ended =
        sqlx::query!("delete from sessions where user_id = $1 and id is distinct from $2", user_id as _, except as _)
            .execute(conn)
            .await?;
    Ok(ended.rows_affected())
}

/// Ends a session; its cookie no longer works.
pub async fn end(conn: &mut PgConnection, id: SessionId) -> Result<(), Fault> {
    sqlx::query!("delete from sessions where id = $1", id as _).execute(conn).await?;
    Ok(())
}

/// A cookie header that deletes the session cookie.
pub fn clear_cookie(state: &AppState) -> HeaderValue {
    set_cookie(state, cookie_name(state), "", "/", Duration::ZERO)
}

/// Makes lists and "new" pages use this account from now on.
pub async fn choose_account(conn: &mut PgConnection, id: SessionId, account_id: AccountId) -> Result<(), Fault> {
    sqlx::query!("update sessions set account_id = $2 where id = $1", id as _, account_id as _).execute(conn).await?;
    Ok(())
}

/// Loads the time and the viewer with one query, and adds the `Cx` to the request.
pub async fn load(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let token = cookie(request.headers(), cookie_name(&state)).and_then(Token::parse);
    let address = peer::address(&request, state.config.trusted_proxies).map(|address| address.to_string());
    let browser = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let browser = browser.chars().filter(|c| !c.is_control()).take(200).collect();
    match context(&state, token, address, browser).await {
        Ok(cx) => {
            request.extensions_mut().insert(cx);
            next.run(request).await
        }
        Err(fault) => super::form::ErrorResponse::from(fault).into_response(),
    }
}

async fn context(
    state: &AppState,
    token: Option<Token>,
    address: Option<String>,
    browser: String,
) -> Result<Cx, Fault> {
    let (now, viewer) = match token {
        Some(token) => find(state, token.hashed().bytes()).await?,
        None => (state.now().await?, None),
    };
    Ok(Cx { state: state.clone(), now, viewer: viewer.map(Arc::new), address, browser, admission: None })
}

/// The same context with the time and the viewer as they are now, for work that outlasts a request. Fails if the session
/// has ended.
pub async fn reload(conn: &mut PgConnection, cx: &Cx) -> Result<Cx, Fault> {
    let found = read_by_id(conn, &cx.state, cx.viewer()?.session()?).await?;
    let (now, viewer) = found.ok_or(AppError::SignedOut)?;
    Ok(Cx { now, viewer: Some(Arc::new(viewer)), ..cx.clone() })
}

/// The viewer of a session, with their current rights.
pub(super) async fn find_by_id(state: &AppState, id: SessionId) -> Result<Option<Viewer>, Fault> {
    let mut conn = state.pool.acquire().await?;
    Ok(read_by_id(&mut conn, state, id).await?.map(|(_, viewer)| viewer))
}

async fn read_by_id(
    conn: &mut PgConnection,
    state: &AppState,
    id: SessionId,
) -> Result<Option<(OffsetDateTime, Viewer)>, Fault> {
    let hash = sqlx::query_scalar!("select token_hash from sessions where id = $1", id as _)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(hash) = hash else { return Ok(None) };
    let (now, found) = read(conn, state, &hash).await?;
    Ok(found.map(|(viewer, _)| (now, viewer)))
}

async fn find(state: &AppState, token_hash: &[u8]) -> Result<(OffsetDateTime, Option<Viewer>), Fault> {
    let mut conn = state.pool.acquire().await?;
    let (now, found) = read(&mut conn, state, token_hash).await?;
    let Some((viewer, seen)) = found else { return Ok((now, None)) };
    if now >= seen + LAST_SEEN_INTERVAL {
        sqlx::query!("update sessions set last_seen_at = $2 where id = $1", viewer.session()? as _, now)
            .execute(&mut *conn)
            .await?;
    }
    Ok((now, Some(viewer)))
}

/// The time, and the viewer of an active session with when they were last seen.
async fn read(
    conn: &mut PgConnection,
    state: &AppState,
    token_hash: &[u8],
) -> Result<(OffsetDateTime, Option<(Viewer, OffsetDateTime)>), Fault> {
    let row = sqlx::query!(
        r#"select now() as "now!", s.id as "id?: SessionId", s.user_id as "user_id?: UserId",
                  s.account_id as "active?: AccountId", s.last_seen_at as "last_seen_at?", s.expires_at as "expires_at?",
                  u.name as "name?", u.email as "email?", u.email_key as "email_key?",
                  (select coalesce(jsonb_agg(jsonb_build_object(
                       'account_id', encode(a.id, 'hex'), 'name', a.name, 'role', m.role,
                       'plan', (select plan from subscriptions where account_id = a.id and product = 'leadconduit'),
                       'trustedform', exists (select from subscriptions where account_id = a.id and product = 'trustedform'),
                       'has_flows', exists (select from flows where account_id = a.id)
                   ) order by a.name, a.id), '[]')
                   from members m join accounts a on a.id = m.account_id
                   where m.user_id = s.user_id) as "memberships!: Json<Vec<Membership>>",
                  (select coalesce(jsonb_agg(jsonb_build_object(
                       'partner_id', encode(p.id, 'hex'), 'account_id', encode(a.id, 'hex'), 'name', p.name,
                       'buyer', a.name, 'role', pu.role
                   ) order by a.name, p.name, p.id), '[]')
                   from partner_users pu
                   join partners p on p.id = pu.partner_id and p.archived_at is null
                   join accounts a on a.id = p.account_id
                   where pu.user_id = s.user_id) as "partners!: Json<Vec<PartnerMembership>>"
           from (values (1)) as once
           left join sessions s on s.token_hash = $1
           left join users u on u.id = s.user_id"#,
        token_hash,
    )
    .fetch_one(conn)
    .await?;
    let now = state.clock.shift(row.now);
    let (Some(session_id), Some(user_id), Some(name), Some(email), Some(email_key), Some(seen), Some(expires)) =
        (row.id, row.user_id, row.name, row.email, row.email_key, row.last_seen_at, row.expires_at)
    else {
        return Ok((now, None));
    };
    if now >= expires || now >= seen + MAX_IDLE {
        return Ok((now, None));
    }
    let (memberships, partners) = (row.memberships.0, row.partners.0);
    let viewer = Viewer {
        auth: AuthMethod::Session(session_id),
        user_id,
        name,
        email,
        email_key,
        active: row.active,
        memberships,
        partners,
    };
    Ok((now, Some((viewer, seen))))
}
