//! Home: tells visitors what Accord is, and shows signed-in viewers what needs their attention.

use super::{attention, chooser, figures, first_steps, flows};
use crate::{
    accounts::model::{Permission, Plan},
    activity,
    base::paths,
    invitations::{
        islands::InvitationAnswer,
        model::Kind,
        server::queries::{self as invitations, Listed},
    },
    reports::server::{self as reports, Buyer, FlowQuery, account_figures},
    server::{Fault, Membership, clock},
    ui::{
        ButtonKind, EmptyState, Hero, HeroPicture, HomeFrame, Icon, LinkButton, PageHeader, Panel, Steps, TimeAgo, icon,
    },
    web::{PageResult, Screen, Visit, form_errors, theme_choice},
};
use leptos::prelude::*;

pub async fn home_page(visit: Visit) -> PageResult {
    match visit.cx.viewer.clone() {
        None => Ok(welcome(&visit)),
        Some(viewer) if chooser::must_choose(&viewer) => chooser::choose(&visit, &viewer).await,
        Some(viewer) => match (viewer.active_membership(), viewer.partners.first()) {
            (Some(membership), _) => account_home(&visit, membership.clone()).await,
            // Home is the only page that shows partner users the invitations to their address.
            (None, Some(_)) if chooser::received(&visit).await?.is_some() => chooser::choose(&visit, &viewer).await,
            (None, Some(partner)) => Ok(Screen::redirect(&paths::portal(partner.partner_id))),
            (None, None) => nowhere(&visit).await,
        },
    }
}

fn welcome(visit: &Visit) -> Screen {
    let links = view! {
        <a href=paths::SIGN_IN>"Sign in"</a>
        <LinkButton href=paths::SIGN_UP kind=ButtonKind::Primary>"Create account"</LinkButton>
    }
    .into_any();
    let step = |icon, title: &str, text: &str| (icon, title.to_owned(), text.to_owned());
    let steps = vec![
        step(Icon::Flow, "Build a flow", "Choose the fields of your leads and the rules they must meet."),
        step(Icon::Mail, "Invite a seller", "Email a seller from the flow. Set up their source before they accept."),
        step(Icon::Link, "Connect", "They accept, their source turns on, and they see how to send leads."),
    ];
    Screen::bare(
        "Lead buyers and sellers connect",
        view! {
            <HomeFrame links footer=theme_choice(visit)>
                <Hero
                    title="Where lead buyers and lead sellers connect"
                    text="Build a flow, invite the companies that supply your leads, and receive their first lead within the hour."
                    aside=view! { <HeroPicture /> }.into_any()
                >
                    <LinkButton href=paths::SIGN_UP kind=ButtonKind::Primary>"Create account"</LinkButton>
                    <LinkButton href=paths::SIGN_IN>"Sign in"</LinkButton>
                </Hero>
                <Steps title="How it works" steps />
            </HomeFrame>
        },
    )
    .with_description("Accord connects lead buyers and lead sellers: build a flow, invite sellers by email and receive their leads.")
}

/// For a user without any membership. Invitations to their address are still shown.
async fn nowhere(visit: &Visit) -> Result<Screen, Fault> {
    let body = chooser::received(visit).await?.unwrap_or_else(|| {
        view! { <EmptyState icon=Icon::Building title="No open invitations" text="Ask an Admin of your company to invite you, or open the invitation you were sent." /> }.into_any()
    });
    Ok(Screen::app("Home", "home", view! { <PageHeader title="You don't belong to a company" />{body} }))
}

async fn account_home(visit: &Visit, membership: Membership) -> Result<Screen, Fault> {
    let now = visit.cx.now;
    let viewer = visit.cx.viewer()?;
    let mut conn = visit.cx.read().await?;
    let received = invitations::list_received(&mut conn, &viewer.email_key, &viewer.admin_of(), now).await?;
    let notices =
        invitations::list_notices(&mut conn, membership.account_id, membership.role.may(Permission::ManageAccount))
            .await?;
    let buyers = reports::list_buyers(&mut conn, membership.account_id).await?;
    let lines = activity::server::list_latest(&mut conn, membership.account_id, 10).await?;
    let own = |row: &Listed| row.account_id == membership.account_id && !row.kind.is_team_invite();
    let received: Vec<_> = received.into_iter().filter(|row| !own(row)).collect();
    let builds = membership.plan.is_some_and(Plan::may_build_flows);
    let waiting = (!received.is_empty()).then(|| {
        let rows = received.into_iter().map(|row| invitation(row, &membership, now)).collect_view();
        view! { <Panel title="Invitations for you"><ul class="plain-list stack">{rows}</ul></Panel> }
    });
    let acting = membership.role.may(Permission::Invite).then_some(membership.account_id);
    let attention = (!notices.is_empty()).then(|| attention::panel(notices, acting, now));
    let errors = visit.back.as_ref().map(form_errors);
    let connected = (!buyers.is_empty()).then(|| next_steps(buyers, now));
    let may_change = membership.role.may(Permission::ChangeFlows);
    let flows = match builds {
        true => {
            let query = FlowQuery { search: "", offset: 0, limit: flows::LIMIT };
            flows::panel(reports::list_flows(&mut conn, membership.account_id, query).await?, may_change)
        }
        false => None,
    };
    drop(conn);
    let leads = leads(visit, &membership).await?;
    let start = (builds && may_change).then(|| {
        view! {
            <LinkButton href=paths::NEW_FLOW kind=ButtonKind::Primary>{icon(Icon::Plus)} "New flow"</LinkButton>
        }
    });
    Ok(Screen::app(
        "Home",
        "home",
        view! {
            <PageHeader title=membership.name.clone()>{start}</PageHeader>
            {errors}
            {attention}
            {waiting}
            {leads}
            {flows}
            {connected}
            <Panel title="Recent activity">{activity::pages::timeline(lines, now)}</Panel>
        },
    ))
}

/// The figures of what the company buys and sells, or the steps to its first lead.
async fn leads(visit: &Visit, membership: &Membership) -> Result<AnyView, Fault> {
    let (account_id, now) = (membership.account_id, visit.cx.now);
    let mut conn = visit.cx.read().await?;
    let bought = if membership.plan.is_some_and(Plan::may_build_flows) {
        let steps = match membership.role.may(Permission::ChangeFlows) {
            true => reports::buying_steps(&mut conn, account_id).await?,
            false => None,
        };
        match steps {
            Some(steps) => Some(first_steps::of_buyer(steps)),
            None => {
                let bought = account_figures::bought(&mut conn, &visit.cx.state, account_id, now).await?;
                Some(figures::bought(&bought, invitations::count_open(&mut conn, account_id, now).await?))
            }
        }
    } else {
        None
    };
    let (sent, all) = account_figures::list_sent(&mut conn, account_id, now).await?;
    let sent = match figures::sent(sent, all) {
        Some(sent) => Some(sent),
        None => first_steps::of_seller(&reports::selling_steps(&mut conn, account_id).await?),
    };
    Ok(view! { {bought}{sent} }.into_any())
}

fn invitation(row: Listed, membership: &Membership, now: time::OffsetDateTime) -> impl IntoView + use<> {
    let expires = clock::display_time(row.expires_at, now);
    let invited_to = row.invited_to();
    let is_team_invite = row.kind.is_team_invite();
    // A buyer chooses a flow first, on the invitation's page.
    let connects_here = row.kind == Kind::Source && membership.role.may(Permission::AcceptInvitations) && !row.asked;
    let who = row.inviter.map_or_else(|| row.company.clone(), |name| format!("{name} from {}", row.company));
    view! {
        <li>
            <p>
                <strong>{format!("{who} invites you to {invited_to}.")}</strong>
                " Expires " <TimeAgo at_iso=expires.iso relative=expires.relative absolute=expires.absolute /> "."
            </p>
            <InvitationAnswer
                invitation_id=row.id
                account_id=(!is_team_invite).then_some(membership.account_id)
                company=row.company
                accepting=membership.name.clone()
                may_accept=is_team_invite || connects_here
            />
        </li>
    }
}

/// The connected buyers, with the next steps.
fn next_steps(buyers: Vec<Buyer>, now: time::OffsetDateTime) -> impl IntoView {
    let items = buyers
        .into_iter()
        .map(|buyer| {
            let since = clock::display_time(buyer.connected_at, now);
            let portal = buyer.partner_id.map(paths::portal);
            view! {
                <li>
                    <p>
                        "Connected with " <a href=portal><strong>{buyer.name}</strong></a> " "
                        <TimeAgo at_iso=since.iso relative=since.relative absolute=since.absolute /> "."
                    </p>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title="Your buyers" lead="Read how to send leads, send your first one and see what happens to it.">
            <ul class="plain-list stack">{items}</ul>
            <p class="actions">
                <LinkButton href=paths::SUBMISSION_DOCS kind=ButtonKind::Primary>"Read the Submission Docs"</LinkButton>
                <LinkButton href=paths::BUYERS>"See your leads"</LinkButton>
            </p>
        </Panel>
    }
}
