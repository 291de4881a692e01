//! `/leads`.

use crate::{
    api::server::{
        body::Body,
        call::Call,
        error::ApiResult,
        lead_stream,
        moment::Moment,
        paging::{Id, Limit, Query, page_of_search},
        queries::leads::{self as queries, Lead},
        response::{ApiResponse, Reply},
    },
    base::{AccountId, FlowId, LeadId, PartnerId, Problem, SourceId},
    leads::{
        model::Outcome,
        server::{
            erase,
            queries::{Found, find_ids, find_reading},
            search::{Person, Search},
        },
    },
    rules::FieldType,
    server::{Fault, PageIds, page_rows::PAGE_BUDGET},
};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

/// Maximum characters of a reason that is searched for.
const MAX_REASON: usize = 320;

/// Declares a filter of leads, with what is special about it.
macro_rules! lead_filter {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// Only leads of this flow.
            flow_id: Option<FlowId>,
            /// Only leads of this source.
            source_id: Option<SourceId>,
            /// Only leads of the sources that now belong to this partner.
            partner_id: Option<PartnerId>,
            /// Only leads with this outcome.
            outcome: Option<Outcome>,
            /// Only leads whose reason contains this text, in any case.
            #[param(max_length = 320)]
            reason: Option<String>,
            /// Only leads received at this time or later, or from the start of this day in the account's time zone.
            from: Option<Moment>,
            /// Only leads received before this time, or up to the end of this day in the account's time zone.
            to: Option<Moment>,
            /// Only test leads, or only others.
            test: Option<bool>,
            /// Only leads with this valid email address in any field, in any spelling.
            #[param(max_length = 320)]
            email: Option<String>,
            /// Only leads with this valid phone number in any field, in any spelling.
            #[param(max_length = 320)]
            phone: Option<String>,
            $($(#[$meta])* $field: $type,)*
        }

        impl $name {
            /// The search of this filter. Days are those of the account's time zone.
            async fn search(&self, conn: &mut PgConnection, account_id: AccountId, now: OffsetDateTime) -> ApiResult<Search> {
                // Postgres text cannot contain NUL.
                if self.reason.as_ref().is_some_and(|reason| reason.contains('\0')) {
                    return Err(Fault::field("reason", Problem::ControlCharacters).into());
                }
                if self.reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
                    return Err(Fault::field("reason", Problem::TooLong).into());
                }
                let reading = find_reading(conn, account_id, now).await?;
                Ok(Search {
                    flow: self.flow_id,
                    source: self.source_id,
                    partner: self.partner_id,
                    outcome: self.outcome,
                    reason: self.reason.clone().filter(|reason| !reason.is_empty()),
                    test: self.test,
                    from: self.from.map(|moment| moment.start(&reading.zone)),
                    to: self.to.map(|moment| moment.end(&reading.zone)),
                    person: find_person(account_id, self.email.as_deref(), self.phone.as_deref())?,
                    ..Search::kept(account_id, &reading)
                })
            }
        }
    };
}

lead_filter! {
    /// Filters the pages of leads.
    LeadFilter {
        /// The page size. A page that has 2 MiB ends earlier, but has at least one entry. With a filter that few leads
        /// match, a page can have fewer entries or none although the Link header has a next page.
        #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
        limit: Option<Limit>,
        /// The last id of the previous page.
        after: Option<LeadId>,
    }
}

lead_filter! {
    /// Filters a stream of leads.
    LeadStreamFilter {}
}

/// The person of at most one of the two.
fn find_person(account_id: AccountId, email: Option<&str>, phone: Option<&str>) -> Result<Option<Person>, Fault> {
    let (name, field_type, text, problem) = match (email, phone) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(Fault::field("phone", Problem::OnePersonOnly)),
        (Some(email), None) => ("email", FieldType::Email, email, Problem::EmailInvalid),
        (None, Some(phone)) => ("phone", FieldType::Phone, phone, Problem::PersonUnreadable),
    };
    Person::parse(account_id, field_type, text).map(Some).ok_or_else(|| Fault::field(name, problem))
}

/// Lists the stored leads of the account, including test leads.
#[utoipa::path(get, path = "/leads", operation_id = "list_leads", tag = "Leads", params(LeadFilter),
    responses((status = 200, description = "The leads.", body = Vec<Lead>)))]
pub async fn list(call: Call, Query(which): Query<LeadFilter>) -> Reply {
    let mut conn = call.cx.read().await?;
    let limit = which.limit.unwrap_or_default();
    let account_id = call.readable_account()?;
    let search = which.search(&mut conn, account_id, call.cx.now).await?;
    let Found { ids, searched } = find_ids(&mut conn, &search, which.after, limit.plus_one()).await?;
    let leads = queries::load(&mut conn, account_id, &limit.ids(ids), PAGE_BUDGET).await?;
    Ok(page_of_search(&call, leads, |lead| lead.id, searched)?)
}

/// Streams all leads that match the filter, newest first, one JSON object per line, with every value exactly as stored.
/// An API key has one stream at a time.
#[utoipa::path(get, path = "/leads.ndjson", operation_id = "stream_leads", tag = "Leads", params(LeadStreamFilter),
    responses((status = 200, description = "The leads, one per line, as in the list of leads.",
               body = String, content_type = "application/x-ndjson")))]
pub async fn stream(call: Call, Query(which): Query<LeadStreamFilter>) -> ApiResult<Response> {
    let mut conn = call.cx.read().await?;
    let search = which.search(&mut conn, call.readable_account()?, call.cx.now).await?;
    drop(conn);
    Ok(lead_stream::begin(&call.cx, search).await?)
}

/// Returns one lead.
#[utoipa::path(get, path = "/leads/{lead_id}", operation_id = "find_lead", tag = "Leads",
    params(("lead_id" = LeadId, Path, description = "The lead.")),
    responses((status = 200, description = "The lead.", body = Lead)))]
pub async fn find(call: Call, Id(id): Id<LeadId>) -> Reply {
    let mut conn = call.cx.read().await?;
    let account_id = call.readable_account()?;
    if id < find_reading(&mut conn, account_id, call.cx.now).await?.oldest {
        return Err(Fault::NOT_FOUND.into());
    }
    let page = PageIds::first(1, vec![id]);
    let found = queries::load(&mut conn, account_id, &page, PAGE_BUDGET).await?;
    Ok(ApiResponse::ok(found.rows.first().ok_or(Fault::NOT_FOUND)?)?)
}

/// A person, by an email address or a phone number.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonToErase {
    /// An email address, in any spelling.
    #[schema(min_length = 3, max_length = 320, example = "maria@example.com")]
    email: Option<String>,
    /// A phone number, in any spelling.
    #[schema(min_length = 3, max_length = 320, example = "(512) 555-0142")]
    phone: Option<String>,
}

/// What was erased.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ErasedPerson {
    /// The number of leads that lost everything personal.
    #[schema(minimum = 0)]
    leads: u64,
    /// True if the person has more leads. Send the request again, with another Idempotency-Key.
    more: bool,
}

/// Removes everything personal from the leads with an email address or phone number, up to 1,000 per request. Outcome,
/// reason, price, times and figures stay. This cannot be undone.
#[utoipa::path(post, path = "/leads/erase", operation_id = "erase_person", tag = "Leads", request_body = PersonToErase,
    responses((status = 200, description = "What was erased.", body = ErasedPerson)))]
pub async fn erase(call: Call, body: Body<PersonToErase>) -> Reply {
    let person = body.value;
    call.post(&body.bytes, (call.account_id, person), |tx, (account_id, person)| {
        Box::pin(async move {
            let named = find_person(account_id, person.email.as_deref(), person.phone.as_deref())?;
            let named = named.ok_or_else(|| Fault::field("email", Problem::EmailMissing))?;
            let erased = erase::batch(tx, account_id, &named).await?;
            ApiResponse::ok(&ErasedPerson { leads: erased.leads, more: erased.has_more })
        })
    })
    .await
}
