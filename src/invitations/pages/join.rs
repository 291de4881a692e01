//! The page of an invitation to join an account or a partner: who invites, with which role, and how to accept.

use super::visit::{decline_link, visible};
use crate::{
    base::{Problem, paths},
    identity::server::{Device, parse::line},
    invitations::{
        islands::landing_path,
        model::Team,
        routes::Message,
        server::{
            Invitation, Join,
            access::Access,
            letters::team_invites::lead,
            masked,
            team_invites::{self, JoinRequest, Newcomer},
        },
    },
    server::{Fault, FieldChecks, Viewer, clock, form::Fields, password},
    ui::{Banner, Button, ButtonKind, Field, FormActions, HiddenField, KeyValues, LinkButton, PasswordField, Tone},
    web::{Post, PostResult, Redirect, Screen, Visit, form_errors, form_identity},
};
use leptos::prelude::*;

/// The invitation's page.
pub fn page(visit: &Visit, invitation: &Invitation, join: &Join, access: Access) -> Screen {
    let title = format!("Join {}", join.team_name);
    let answer = match visit.cx.viewer.as_deref() {
        Some(viewer) if viewer.email_key == invitation.email_key => accept_form(visit, invitation, viewer),
        Some(viewer) => wrong_address(visit, invitation, viewer),
        None => signed_out(invitation, access),
    };
    Screen::plain(
        title.clone(),
        view! {
            <h1>{title}</h1>
            {facts(visit, invitation, join)}
            {answer}
        },
    )
}

fn facts(visit: &Visit, invitation: &Invitation, join: &Join) -> AnyView {
    let Invitation { company, inviter, email, expires_at, .. } = invitation.clone();
    let who = inviter.unwrap_or_else(|| company.clone());
    let expires = clock::display_time(expires_at, visit.cx.now);
    let (team, role) = (join.offer.team(), join.offer.role());
    let what = lead(team, &join.team_name, role);
    let shown = match visit.cx.viewer.as_ref() {
        Some(viewer) if viewer.email_key == invitation.email_key => email,
        _ => masked(&email),
    };
    let text = |text: String| view! { {text} }.into_any();
    let partner_of = matches!(team, Team::Partner(_)).then(|| ("Partner of".to_owned(), text(company)));
    let items = [
        Some(("Invited address".to_owned(), text(shown))),
        partner_of,
        Some(("Your role".to_owned(), text(role.word().to_owned()))),
        Some(("Expires".to_owned(), text(format!("{} ({})", clock::day(expires_at), expires.relative)))),
    ];
    view! {
        <p class="lead">{format!("{who} invited you. {what}")}</p>
        <KeyValues items=items.into_iter().flatten().collect() />
    }
    .into_any()
}

fn signed_out(invitation: &Invitation, access: Access) -> AnyView {
    let id = invitation.id;
    let may_sign_up = matches!(access, Access::Link { proves_address: true, .. });
    view! {
        <p>"To accept, sign in with the invited address, or create an account for it."</p>
        <div class="actions">
            {may_sign_up.then(|| view! { <LinkButton href=paths::invitation_sign_up(id) kind=ButtonKind::Primary>"Create account"</LinkButton> })}
            <LinkButton href=paths::sign_in_and_back(&paths::invitation(id))>"Sign in"</LinkButton>
            {decline_link(invitation)}
        </div>
    }
    .into_any()
}

fn accept_form(visit: &Visit, invitation: &Invitation, viewer: &Viewer) -> AnyView {
    let errors = form_errors(&visit.form("join"));
    let signed_in_as = format!("You are signed in as {} ({}).", viewer.name, viewer.email);
    let (id, decline) = (invitation.id, decline_link(invitation));
    view! {
        <p class="muted">{signed_in_as}</p>
        <form class="form" method="post" action=paths::invitation(id)>
            {form_identity("join", None)}
            {errors}
            <FormActions>
                <Button kind=ButtonKind::Primary>"Accept invitation"</Button>
                {decline}
            </FormActions>
        </form>
    }
    .into_any()
}

/// The invitation stays usable. The page shows the invited address only masked.
fn wrong_address(visit: &Visit, invitation: &Invitation, viewer: &Viewer) -> AnyView {
    let next = paths::sign_in_and_back(&paths::invitation(invitation.id));
    let errors = form_errors(&visit.form("join"));
    let text = format!(
        "It was sent to {}, and you're signed in as {}. Switch to the invited address to accept.",
        masked(&invitation.email),
        viewer.email
    );
    view! {
        {errors}
        <Banner tone=Tone::Warning title="This invitation was sent to another address."><p>{text}</p></Banner>
        <form method="post" action=paths::SIGN_OUT>
            <HiddenField name="next" value=next />
            <FormActions><Button kind=ButtonKind::Primary>"Switch account"</Button></FormActions>
        </form>
    }
    .into_any()
}

/// The sign-up form. The address is fixed to the invited one, and no company is created.
pub fn sign_up(visit: &Visit, invitation: &Invitation, join: &Join) -> Screen {
    let back = visit.form("signup");
    let errors = form_errors(&back);
    let id = invitation.id;
    let lead = format!("You'll join {} right away.", join.team_name);
    Screen::plain(
        "Create account",
        view! {
            <h1>"Create your account"</h1>
            <p class="lead">{lead}</p>
            <form class="form" method="post" action=paths::invitation_sign_up(id) novalidate>
                {form_identity("signup", None)}
                {errors}
                <Field label="Email" name="email" kind="email" value=invitation.email.clone() error=back.error("email") help="The invitation was sent to this address." autocomplete="username" readonly=true />
                <Field label="Your name" name="name" value=back.value("name") error=back.error("name") autocomplete="name" maxlength=100u32 required=true />
                <PasswordField label="Password" name="password" autocomplete="new-password" error=back.error("password") help="At least 8 characters. Several words work well." required=true />
                <FormActions>
                    <Button kind=ButtonKind::Primary>"Create account"</Button>
                    <LinkButton href=paths::invitation(id) kind=ButtonKind::Quiet>"Back"</LinkButton>
                </FormActions>
            </form>
            <p class="muted">
                "Already have an account? " <a href=paths::sign_in_and_back(&paths::invitation(id))>"Sign in"</a>
            </p>
        },
    )
}

pub async fn post_join(post: Post) -> PostResult {
    let (invitation, access) = visible(&post).await?;
    if !invitation.kind().is_team_invite() {
        return Err(Fault::NOT_FOUND);
    }
    post.cx.viewer()?;
    let request = JoinRequest { invitation_id: invitation.id, access };
    let team = team_invites::join_or_notify(&post.cx, request).await?;
    Ok(Redirect::to(landing_path(team)).with_message(Message::Joined))
}

/// Creates a user for the invited address, signs them in and accepts.
pub async fn post_sign_up_and_join(post: &Post, invitation: &Invitation, access: Access) -> PostResult {
    if !matches!(access, Access::Link { proves_address: true, .. }) {
        return Err(Fault::NOT_FOUND);
    }
    let newcomer = newcomer(&post.fields)?;
    let device = Device::of(&post.cx, &post.headers);
    let request = JoinRequest { invitation_id: invitation.id, access };
    let (team, cookies) = team_invites::sign_up_and_join(&post.cx, newcomer, request, &device).await?;
    Ok(Redirect::to(landing_path(team)).with_message(Message::Joined).with_cookies(cookies))
}

fn newcomer(fields: &Fields) -> Result<Newcomer, Fault> {
    let mut checked = FieldChecks::default();
    let name = checked.take("name", line(fields.get("name"), Problem::PersonNameMissing));
    let password = checked.take("password", password::parse(fields.get("password")));
    checked.finish(|| Some(Newcomer { name: name?, password: password? }))
}
