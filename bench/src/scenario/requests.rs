//! The requests of a browser without script.

use super::{A, B, N, P, PASSWORD, S, T, cookie, id, kind};
use crate::load::http::Request;

pub fn create(q: u64) -> Request {
    let (buyer, new) = (B.of(q), N.of(q));
    let account = id(kind::BUYER_ACCOUNT, buyer);
    let path = format!("/flows/{}/sources/add/invite", id(kind::BUYER_FLOW, buyer));
    let form = format!(
        "form=invite&as={account}&email=new{new}%40invited.example&note=We+met+at+the+fair+in+March.+Your+solar+leads+\
         would+fit+our+team+in+California+well."
    );
    Request::post(&path, form).signed_in(&cookie(kind::BUYER_SESSION, buyer)).from(q)
}

pub fn page(q: u64) -> Request {
    let seller = S.of(q);
    Request::get(format!("/invitations/{}", id(kind::INVITATION, seller)))
        .signed_in(&cookie(kind::SELLER_SESSION, seller))
        .from(q)
}

pub fn accept(q: u64) -> Request {
    let seller = S.of(q);
    let path = format!("/invitations/{}", id(kind::INVITATION, seller));
    let form = format!("form=accept&account={}", id(kind::SELLER_ACCOUNT, seller));
    Request::post(&path, form).signed_in(&cookie(kind::SELLER_SESSION, seller)).from(q)
}

pub fn members(q: u64) -> Request {
    Request::get("/settings/members".to_owned()).signed_in(&cookie(kind::TEAM_SESSION, T.of(q))).from(q)
}

pub fn sign_in(q: u64) -> Request {
    let password = PASSWORD.replace(' ', "+");
    let form = format!("form=signin&next=&email=seller{}%40sellers.example&password={password}", S.of(q));
    Request::post("/signin", form).from(q)
}

pub fn partners(q: u64) -> Request {
    Request::get("/partners".to_owned()).signed_in(&cookie(kind::BIG_SESSION, A.of(q))).from(q)
}

pub fn partner(q: u64) -> Request {
    let path = format!("/partners/{}/sources", id(kind::PARTNER, P.of(q)));
    Request::get(path).signed_in(&cookie(kind::BIG_SESSION, A.of(q))).from(q)
}

pub fn portal(q: u64) -> Request {
    let partner = P.of(q);
    Request::get(format!("/portal/{}", id(kind::PARTNER, partner)))
        .signed_in(&cookie(kind::PARTNER_SESSION, partner))
        .from(q)
}
