//! The people of an account or a partner and their pending invitations, edited in place. Every control is a plain form,
//! so without script it posts to its own page.

use super::invite_person::InviteDialog;
use crate::{
    base::{AppError, DisplayTime, InvitationId, paths},
    flows::model::MailProgress,
    invitations::{
        functions::{act_on_team, list_team},
        model::{Team, TeamAction, TeamInvite, TeamLists, TeamPerson},
        words::team_words,
    },
    ui::{
        Cell, Column, DataTable, EmptyState, HiddenField, Icon, StatusMessage, Tag, TimeAgo, Tone, form_values, icon,
    },
};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Which of the two lists a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TeamPart {
    People,
    Invites,
    Both,
}

const MAX_REFRESHES: u8 = 5;
const REFRESH_DELAY: Duration = Duration::from_secs(2);

/// What all rows need.
#[derive(Clone, Copy)]
struct RowContext {
    team: Team,
    /// The partner's or the account's name.
    name: StoredValue<String>,
    path: StoredValue<String>,
    act: Callback<TeamAction>,
}

/// Without `can_manage` the actions are hidden; the server checks the permission in any case. `path` is the page's own
/// path, `invite` the path of the invite form.
#[island(lazy)]
pub fn TeamPanel(lists: TeamLists, part: TeamPart, can_manage: bool, path: String, invite: String) -> impl IntoView {
    let (team, name) = (lists.team, StoredValue::new(lists.name.clone()));
    let list = List::new(lists);
    let act = Callback::new(move |act: TeamAction| {
        spawn_local(async move {
            match act_on_team(team, act).await {
                Ok(done) => list.changed(done.message().sentence().to_owned()),
                // The lists may be out of date, so load them again.
                Err(refused) => {
                    let no_access = refused == AppError::NotFound;
                    list.show_refusal(&refused);
                    if !no_access {
                        list.refresh();
                    }
                }
            }
        });
    });
    let invited = Callback::new(move |sentence: String| list.changed(sentence));
    let List { lists, message, .. } = list;
    let context = RowContext { team, name, path: StoredValue::new(path), act };
    view! {
        <div class="stack">
            {can_manage.then(|| view! { <InviteDialog team href=invite invited /> })}
            {move || message.get().map(|(text, tone)| view! { <StatusMessage text tone /> })}
            {(part != TeamPart::Invites).then(|| view! { {move || people(context, lists.get(), can_manage)} })}
            {(part == TeamPart::Both).then(|| view! { <h2>"Pending invitations"</h2> })}
            {(part != TeamPart::People).then(|| view! { {move || invites(context, lists.get(), can_manage)} })}
        </div>
    }
}

/// The lists and the latest status message.
#[derive(Clone, Copy)]
struct List {
    lists: RwSignal<TeamLists>,
    message: RwSignal<Option<(String, Tone)>>,
    /// The message for a viewer who was removed.
    no_access: StoredValue<String>,
    refreshes: StoredValue<u8>,
    set_again: WriteSignal<u32>,
}

impl List {
    fn new(lists: TeamLists) -> Self {
        let no_access = format!("You no longer have access to {}, or it no longer exists.", lists.name);
        let (again, set_again) = signal(0_u32);
        let list = Self {
            lists: RwSignal::new(lists),
            message: RwSignal::new(None),
            no_access: StoredValue::new(no_access),
            refreshes: StoredValue::new(0),
            set_again,
        };
        Effect::new(move |before: Option<()>| {
            again.track();
            if before.is_some() {
                list.refresh();
            }
        });
        list
    }

    fn show_refusal(self, refused: &AppError) {
        let sentence = if *refused == AppError::NotFound { self.no_access.get_value() } else { refused.to_string() };
        self.message.set(Some((sentence, Tone::Danger)));
    }

    /// Shows the message and loads the lists again.
    fn changed(self, sentence: String) {
        self.message.set(Some((sentence, Tone::Positive)));
        self.refreshes.set_value(0);
        self.refresh();
    }

    /// Loads the lists, and again a few times while an email is still queued.
    fn refresh(self) {
        let Self { lists, refreshes, set_again, .. } = self;
        let team = lists.with_untracked(|lists| lists.team);
        spawn_local(async move {
            match list_team(team).await {
                Ok(fresh) => {
                    let is_queued = fresh.invites.iter().any(|invite| invite.mail == MailProgress::Queued);
                    lists.set(fresh);
                    if is_queued && refreshes.get_value() < MAX_REFRESHES {
                        refreshes.update_value(|refreshes| *refreshes += 1);
                        set_timeout(move || set_again.update(|again| *again += 1), REFRESH_DELAY);
                    }
                }
                Err(refused) => self.show_refusal(&refused),
            }
        });
    }
}

fn people(context: RowContext, lists: TeamLists, can_manage: bool) -> AnyView {
    let words = team_words(context.team);
    let is_partner = matches!(context.team, Team::Partner(_));
    let connected = (!lists.connected.is_empty()).then(|| connected(lists.connected));
    let table = if lists.people.is_empty() {
        view! { <EmptyState icon=Icon::User title="No users yet" text="Invite people at this partner. They can sign in, see how their sources perform and read the Submission Docs." /> }
            .into_any()
    } else {
        let mut head = vec![Column::new("Name"), Column::new("Email"), Column::new("Role")];
        if is_partner {
            head.push(Column::new("Last seen"));
        }
        if can_manage {
            head.push(Column::new("Actions").hidden());
        }
        let rows = lists.people.into_iter().map(|person| person_row(context, person, can_manage)).collect_view();
        view! { <DataTable caption=words.people head>{rows}</DataTable> }.into_any()
    };
    view! { {table} {connected} }.into_any()
}

/// Members of the connected account, read-only and by name and role only.
fn connected(members: Vec<(String, crate::accounts::model::Role)>) -> AnyView {
    let rows = members
        .into_iter()
        .map(|(name, role)| {
            view! {
                <tr>
                    <Cell label="Name"><span class="person">{name}</span></Cell>
                    <Cell label="Role">{role.word()}</Cell>
                </tr>
            }
        })
        .collect_view();
    let head = ["Name", "Role"].map(Column::new).to_vec();
    view! {
        <section class="stack">
            <h2>"Members of the connected account"</h2>
            <p class="muted">"They have access through their own account and are managed there."</p>
            <DataTable caption="Members of the connected account" head>{rows}</DataTable>
        </section>
    }
    .into_any()
}

fn person_row(context: RowContext, person: TeamPerson, can_manage: bool) -> AnyView {
    let TeamPerson { name, email, role, last_seen, is_viewer, .. } = person.clone();
    let seen = matches!(context.team, Team::Partner(_)).then(|| {
        let seen = last_seen.map_or_else(|| "never".into_any(), ago);
        view! { <Cell label="Last seen">{seen}</Cell> }
    });
    let role = if can_manage { role_form(context, &person) } else { role.word().into_any() };
    let remove = can_manage.then(|| view! { <Cell>{remove_form(context, &person)}</Cell> });
    view! {
        <tr>
            <Cell label="Name">
                <span class="person">{name}{is_viewer.then(|| view! { <Tag tone=Tone::Neutral text="You" /> })}</span>
            </Cell>
            <Cell label="Email">{email}</Cell>
            <Cell label="Role">{role}</Cell>
            {seen}
            {remove}
        </tr>
    }
    .into_any()
}

fn role_form(context: RowContext, person: &TeamPerson) -> AnyView {
    let (user_id, current) = (person.user_id, person.role);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let values = form_values(&event);
        if let Some(Ok(role)) = values.get("role").map(|role| context.team.role(role)) {
            context.act.run(TeamAction::SetRole(user_id, current, role));
        }
    };
    let options = context
        .team
        .roles()
        .iter()
        .map(|role| view! { <option value=role.as_str() selected=*role == current>{role.word()}</option> })
        .collect_view();
    let (label, of) = (format!("Role of {}", person.name), format!(" of {}", person.name));
    view! {
        <form method="post" action=context.path.get_value() class="inline-form" on:submit=save>
            <HiddenField name="form" value="role" />
            <HiddenField name="shown" value=current.as_str() />
            <TeamIdentity team=context.team />
            <HiddenField name="user" value=user_id.to_string() />
            <select class="select select-small" name="role" aria-label=label>{options}</select>
            <button class="button button-small">"Save role" <span class="sr-only">{of}</span></button>
        </form>
    }
    .into_any()
}

/// A button that asks before it acts. It names what it acts on, for screen readers.
struct Ask {
    form: &'static str,
    /// The hidden field that says what it is about: name and value.
    field: (&'static str, String),
    label: &'static str,
    about: String,
    /// What will happen.
    warning: String,
}

fn ask(context: RowContext, ask: Ask, more: AnyView, act: Box<dyn Fn() -> TeamAction>) -> AnyView {
    let Ask { form, field: (name, value), label, about, warning } = ask;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        context.act.run(act());
    };
    view! {
        <details name="ask" class="ask">
            <summary aria-label=format!("{label} {about}")>{label}</summary>
            <form method="post" action=context.path.get_value() on:submit=submit>
                <HiddenField name="form" value=form />
                <TeamIdentity team=context.team />
                <HiddenField name value />
                <p>{warning}</p>
                {more}
                <button class="button button-danger" type="submit">{label} <span class="sr-only">{format!(" {about}")}</span></button>
            </form>
        </details>
    }
    .into_any()
}

/// Asks which of the person's API keys to revoke as well.
fn remove_form(context: RowContext, person: &TeamPerson) -> AnyView {
    let TeamPerson { user_id, name, keys, .. } = person.clone();
    let ids: Vec<_> = keys.iter().map(|(id, _)| *id).collect();
    let checked: Vec<RwSignal<bool>> = keys.iter().map(|_| RwSignal::new(true)).collect();
    let boxes = keys
        .into_iter()
        .zip(checked.clone())
        .map(|((id, label), checked)| {
            view! {
                <label class="check-line">
                    <input type="checkbox" name="key" value=id.to_string() checked on:change=move |event| checked.set(event_target_checked(&event)) />
                    {format!(" Revoke the API key {label}")}
                </label>
            }
        })
        .collect::<Vec<_>>();
    let act = move || {
        let chosen = ids.iter().zip(&checked).filter(|(_, checked)| checked.get_untracked()).map(|(id, _)| *id);
        TeamAction::Remove(user_id, chosen.collect())
    };
    let warning = format!("{name} will lose access immediately.");
    let field = ("user", user_id.to_string());
    ask(context, Ask { form: "remove", field, label: "Remove", about: name, warning }, boxes.into_any(), Box::new(act))
}

fn invites(context: RowContext, lists: TeamLists, can_manage: bool) -> AnyView {
    if lists.invites.is_empty() {
        let text = if can_manage { "Invite someone. We'll email them a link to accept." } else { "" };
        return view! { <EmptyState icon=Icon::Mail title="No pending invitations" text /> }.into_any();
    }
    let mut head = ["Address", "Role", "Sent", "Expires", "Email"].map(Column::new).to_vec();
    if can_manage {
        head.push(Column::new("Actions").hidden());
    }
    let rows = lists.invites.into_iter().map(|invite| invite_row(context, invite, can_manage)).collect_view();
    view! { <DataTable caption="Pending invitations" head>{rows}</DataTable> }.into_any()
}

fn invite_row(context: RowContext, invite: TeamInvite, can_manage: bool) -> AnyView {
    let TeamInvite { id, email, role, sent, expires, expired, void, mail } = invite;
    let mark = if expired {
        Some(view! { <Tag tone=Tone::Warning icon=Icon::Clock text="Expired" /> })
    } else {
        void.then(|| view! { <Tag tone=Tone::Warning icon=Icon::Warning text="No longer valid" /> })
    };
    let note = (void && !expired).then(|| {
        view! { <span class="cell-note">"The inviter can no longer grant this role. Resend the invitation to become its inviter."</span> }
    });
    let actions = can_manage.then(|| {
        let (resend, revoke) = (resend_form(context, id, &email), revoke_form(context, id, email.clone()));
        view! { <Cell><span class="actions">{resend} {revoke}</span></Cell> }
    });
    view! {
        <tr>
            <Cell label="Address"><span class="cell-title">{email}</span> {mark} {note}</Cell>
            <Cell label="Role">{role.word()}</Cell>
            <Cell label="Sent">{ago(sent)}</Cell>
            <Cell label="Expires">{ago(expires)}</Cell>
            <Cell label="Email">{mail_state(mail)}</Cell>
            {actions}
        </tr>
    }
    .into_any()
}

fn resend_form(context: RowContext, id: InvitationId, email: &str) -> AnyView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        context.act.run(TeamAction::Resend(id));
    };
    let about = format!(": {email}");
    view! {
        <form method="post" action=context.path.get_value() on:submit=submit>
            <HiddenField name="form" value="resend" />
            <TeamIdentity team=context.team />
            <HiddenField name="invitation" value=id.to_string() />
            <button class="button button-small" type="submit">"Resend" <span class="sr-only">{about}</span></button>
        </form>
    }
    .into_any()
}

fn revoke_form(context: RowContext, id: InvitationId, email: String) -> AnyView {
    let team = context.name.get_value();
    let warning = format!("The links sent to {email} stop working. They can no longer be used to join {team}.");
    let field = ("invitation", id.to_string());
    let revoke = Ask { form: "revoke", field, label: "Revoke", about: email, warning };
    ask(context, revoke, ().into_any(), Box::new(move || TeamAction::Revoke(id)))
}

fn mail_state(mail: MailProgress) -> AnyView {
    match mail {
        MailProgress::Queued => "On its way".into_any(),
        MailProgress::Sent(at) => view! { "Sent " {ago(at)} }.into_any(),
        MailProgress::Failed { reason } => {
            view! { <Tag tone=Tone::Danger icon=Icon::Warning text="Undeliverable" /> <span class="cell-note">{reason}</span> }.into_any()
        }
        MailProgress::Retrying { reason, next } => {
            view! { <span class="tone tone-warning">{icon(Icon::Warning)} {reason}</span> " Next try " {ago(next)} }.into_any()
        }
    }
}

fn ago(at: DisplayTime) -> AnyView {
    view! { <TimeAgo at_iso=at.iso relative=at.relative absolute=at.absolute /> }.into_any()
}

/// The account that a form acts for. A partner needs no field, because its id is in the path.
#[component]
pub fn TeamIdentity(team: Team) -> impl IntoView {
    match team {
        Team::Account(id) => view! { <HiddenField name="as" value=id.to_string() /> }.into_any(),
        Team::Partner(_) => ().into_any(),
    }
}

/// Where a person lands after joining: the partner's portal, or Home.
pub fn landing_path(team: Team) -> String {
    match team {
        Team::Partner(id) => paths::portal(id),
        Team::Account(_) => paths::HOME.to_owned(),
    }
}
