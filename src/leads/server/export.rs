//! Leads as a CSV file of any length, read in batches that have few bytes and ask for the permission again. The export
//! is recorded in the activity before the first line is sent.

use super::{
    columns::{ColumnSide, Columns},
    export_lines::{self, Table},
    queries::{self, Content, Found},
    search::Search,
};
use crate::{
    accounts::model::Permission,
    activity::{
        model::Deed,
        server::{Entry, record},
    },
    base::{AccountId, LeadId, PartnerId, Problem, UserId},
    leads::model::Filter,
    partners::{
        model::PartnerPermission,
        server::policy::{self, PartnerActor},
    },
    server::{Cx, Db, Fault, PageIds, Tx, batch::Batch, csv, exclusive::Turn},
};
use futures::{Stream, stream};
use serde_json::json;
use std::collections::BTreeSet;

/// Maximum leads of a batch.
const BATCH: i64 = 1_000;
/// Maximum content of a batch that has more than one lead.
const BATCH_BYTES: i64 = 512 << 10;
/// The same for batches of which only the parameters are read.
const PARAMETER_BATCH_BYTES: i64 = 2 << 20;
/// Maximum batches of which the parameters get columns, the newest first. 100,000 leads of up to 2 KiB all fit.
const MAX_PARAMETER_BATCHES: usize = 100;
/// Maximum parameters with a column. Values of other parameters are in the last column.
const MAX_PARAMETERS: usize = 200;
/// Leads are counted up to this number.
const MAX_COUNTED: i64 = 5_000;

/// Whose leads somebody exports, and from which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exporter {
    /// A member, all leads of the account.
    Account(AccountId),
    /// A member of the account, the leads of a partner.
    Partner(PartnerId),
    /// The partner's side.
    Portal(PartnerId),
}

/// A person who may export, and what the activity says that they exported.
struct Permitted {
    user_id: UserId,
    account_id: AccountId,
    partner: Option<PartnerActor>,
    account_name: String,
}

impl Exporter {
    async fn find(self, db: &mut impl Db) -> Result<Permitted, Fault> {
        let partner = match self {
            Self::Account(account_id) => {
                let actor = db.cx().actor(account_id, Permission::See)?;
                let (user_id, account_name) = (actor.user_id, actor.account_name);
                return Ok(Permitted { user_id, account_id, partner: None, account_name });
            }
            Self::Partner(id) => policy::find_as_account(db, id, PartnerPermission::ExportLeads).await?,
            Self::Portal(id) => policy::find_in_portal(db, id, PartnerPermission::ExportLeads).await?,
        };
        let (user_id, account_id) = (partner.user_id, partner.partner.account_id);
        Ok(Permitted { user_id, account_id, partner: Some(partner), account_name: String::new() })
    }

    pub fn side(self) -> ColumnSide {
        match self {
            Self::Account(_) | Self::Partner(_) => ColumnSide::Buyer,
            Self::Portal(_) => ColumnSide::Seller,
        }
    }

    fn partner(self) -> Option<PartnerId> {
        match self {
            Self::Account(_) => None,
            Self::Partner(id) | Self::Portal(id) => Some(id),
        }
    }
}

/// What a form asks for. The filter is `None` if it could not be read; the columns if the form has none, which means
/// those of the last time.
#[derive(Debug, Clone)]
pub struct Request {
    pub exporter: Exporter,
    pub filter: Option<Filter>,
    pub columns: Option<Vec<String>>,
}

/// A permitted export.
#[derive(Debug)]
pub struct Export {
    exporter: Exporter,
    search: Search,
    columns: Columns,
    pub zone: String,
    turn: Turn,
}

/// Begins an export, unless the person has one running, and records it in the activity of the account.
pub async fn begin(cx: &Cx, request: Request) -> Result<Export, Fault> {
    let exporter = request.exporter;
    let mut conn = cx.read().await?;
    let permitted = exporter.find(&mut conn).await?;
    let filter = request.filter.ok_or(Problem::FilterUnreadable)?;
    let reading = queries::find_reading(&mut conn, permitted.account_id, cx.now).await?;
    let search = Search::of(&filter, permitted.account_id, &reading).ok_or(Problem::FilterUnreadable)?;
    let search = Search { partner: exporter.partner().or(search.partner), ..search };
    let offer = Offer::load(&mut conn, exporter.side(), permitted.user_id, &search).await?;
    drop(conn);
    let columns = match &request.columns {
        Some(keys) => offer.chosen(keys).ok_or(Problem::ColumnsMissing)?,
        None => offer.columns(),
    };
    let turn = cx.state.exports.begin(&cx.state.pool, permitted.user_id).await?.ok_or(Problem::ExportRunning)?;
    let mut batch = Batch::begin(cx.clone()).await?;
    let leads = count(&mut batch, &search).await?;
    batch.finish().await?;
    let kept = request.columns.is_some().then(|| columns.keys_to_keep(&offer.remembered, &offer.fields));
    let input = (exporter, filter, leads, kept);
    cx.write(input, |tx, input| Box::pin(record_export(tx, input))).await?;
    Ok(Export { exporter, search, columns, zone: reading.zone, turn })
}

async fn record_export(
    tx: &mut Tx,
    (exporter, filter, leads, kept): (Exporter, Filter, Count, Option<Vec<String>>),
) -> Result<(), Fault> {
    let permitted = exporter.find(tx).await?;
    let account_id = permitted.account_id;
    if let Some(keys) = kept {
        queries::keep_columns(tx, permitted.user_id, account_id, exporter.side().as_str(), &keys).await?;
    }
    let entry = match &permitted.partner {
        Some(actor) => Entry::about(account_id, Deed::LeadsExported, actor.partner.id, &actor.partner.name),
        None => Entry::about(account_id, Deed::LeadsExported, account_id, permitted.account_name),
    };
    let counted = json!({ "leads": leads.leads, "or_more": leads.has_more, "filter": filter.to_json() });
    record(tx, entry.after(counted)).await
}

/// A number of leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub leads: i64,
    /// True if there are or may be more.
    pub has_more: bool,
}

impl Count {
    /// Of what a search for one more than `most` found.
    pub fn of(found: &Found, most: i64) -> Self {
        let leads = i64::try_from(found.ids.len()).unwrap_or(i64::MAX);
        Self { leads: leads.min(most), has_more: leads > most || found.searched.is_some() }
    }
}

/// Counts the leads of a search, up to a maximum, and looking at a limited number.
pub async fn count(conn: &mut sqlx::PgConnection, search: &Search) -> Result<Count, Fault> {
    let found = queries::find_ids(conn, search, None, MAX_COUNTED + 1).await?;
    Ok(Count::of(&found, MAX_COUNTED))
}

/// The columns that a person can choose, and those of the last time.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The time zone of the account.
    pub zone: String,
    pub fields: Vec<String>,
    remembered: Vec<String>,
}

impl Offer {
    pub async fn load(
        conn: &mut sqlx::PgConnection,
        side: ColumnSide,
        user_id: UserId,
        search: &Search,
    ) -> Result<Self, Fault> {
        let is_buyer = side == ColumnSide::Buyer;
        let found =
            queries::find_columns(conn, user_id, search.account_id, side.as_str(), is_buyer, search.flow).await?;
        Ok(Self { zone: found.zone, fields: found.fields, remembered: found.remembered })
    }

    fn chosen(&self, keys: &[String]) -> Option<Columns> {
        Columns::of_keys(keys.iter().map(String::as_str), &self.fields)
    }

    /// The columns of the last time; all of them the first time.
    pub fn columns(&self) -> Columns {
        self.chosen(&self.remembered).unwrap_or_else(|| Columns::all(&self.fields))
    }
}

/// The position in the file.
struct Cursor {
    cx: Cx,
    export: Export,
    /// None before the first line.
    table: Option<Table>,
    before: Option<LeadId>,
}

/// The lines of the file, newest lead first. An error ends the stream early, so the client sees a failed download.
pub fn lines(cx: Cx, export: Export) -> impl Stream<Item = Result<String, Fault>> {
    let start = Cursor { cx, export, table: None, before: None };
    stream::try_unfold(start, |cursor| async {
        // Failures on our side are logged here; nothing else looks at the error of a stream.
        next(cursor).await.map_err(|fault| Fault::from(fault.report()))
    })
}

async fn next(mut cursor: Cursor) -> Result<Option<(String, Cursor)>, Fault> {
    let Some(table) = &cursor.table else {
        let sent =
            if cursor.export.columns.sent { Some(find_parameters(&cursor.cx, &cursor.export).await?) } else { None };
        let (columns, side) = (cursor.export.columns.clone(), cursor.export.exporter.side());
        let table = Table::new(columns, side, sent, cursor.export.zone.clone());
        let head = format!("{}{}", csv::MARK, table.head());
        cursor.table = Some(table);
        return Ok(Some((head, cursor)));
    };
    let columns = &cursor.export.columns;
    let fields = !columns.fields.is_empty();
    let content = Content { title: false, fields, input: columns.sent, largest: i32::MAX };
    let (mut batch, ids) = begin_batch(&cursor.cx, &cursor.export, cursor.before).await?;
    let page = PageIds::first(ids.len(), ids);
    let page = queries::load(&mut batch, cursor.export.search.account_id, &page, content, BATCH_BYTES).await?;
    batch.finish().await?;
    let Some(last) = page.rows.last() else {
        cursor.export.turn.end().await;
        return Ok(None);
    };
    cursor.before = Some(last.id);
    let text = page.rows.iter().map(|lead| export_lines::line(lead, table)).collect();
    Ok(Some((text, cursor)))
}

/// The ids of the next batch, if the person may still export these leads. There are none at the end. A filter that few
/// leads match is searched in several transactions.
async fn begin_batch(cx: &Cx, export: &Export, mut before: Option<LeadId>) -> Result<(Batch, Vec<LeadId>), Fault> {
    loop {
        let mut batch = Batch::begin(cx.clone()).await?;
        batch.refresh().await?;
        export.exporter.find(&mut batch).await?;
        let Found { ids, searched } = queries::find_ids(&mut batch, &export.search, before, BATCH).await?;
        if !ids.is_empty() || searched.is_none() {
            return Ok((batch, ids));
        }
        batch.finish().await?;
        before = searched;
    }
}

/// The parameters that get a column, in alphabetical order, and whether there are or may be others.
pub struct Parameters {
    pub names: Vec<String>,
    pub has_others: bool,
}

async fn find_parameters(cx: &Cx, export: &Export) -> Result<Parameters, Fault> {
    let (mut names, mut before) = (BTreeSet::new(), None);
    let mut has_others = true;
    for _ in 0..MAX_PARAMETER_BATCHES {
        let (mut batch, ids) = begin_batch(cx, export, before).await?;
        let found = queries::list_parameters(&mut batch, export.search.account_id, &ids, PARAMETER_BATCH_BYTES).await?;
        batch.finish().await?;
        let Some(last) = found.last else {
            has_others = false;
            break;
        };
        before = Some(last);
        names.extend(found.names);
        if names.len() > MAX_PARAMETERS {
            break;
        }
    }
    Ok(Parameters {
        has_others: has_others || names.len() > MAX_PARAMETERS,
        names: names.into_iter().take(MAX_PARAMETERS).collect(),
    })
}
