//! Containers by name.

use crate::support::client::{get, try_get};
use crate::support::dns::NameServer;
use crate::support::{Gateway, Routes, server, until};
use backstay_routes::Mode;
use std::net::{IpAddr, Ipv4Addr};

const ID: &str = "0123456789abcdef0123456789abcdef";

fn four(address: IpAddr) -> Ipv4Addr {
    let IpAddr::V4(four) = address else { panic!("{address}") };
    four
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_is_asked_for_and_then_the_name_and_nothing_else() {
    let names = NameServer::start().await;
    let one = server::http("one").start().await;
    let two = server::http("two").beside(&one).await;
    // A connection for each request: one that is kept would still be that of the first container.
    let mut routes = Routes::to(&[&one]).mode(Mode::Tcp);
    routes.targets[0].id = ID.into();
    routes.targets[0].name = "shop-app-1".into();
    routes.targets[0].address = None;
    names.tell("0123456789ab", four(one.address.ip()));
    names.tell("shop-app-1", four(two.address.ip()));
    let gateway = Gateway::start_asking(names.address).await;
    let mut control = gateway.control().await;
    control.apply(&routes).await;
    assert_eq!(get(routes.port, "/").await.body, "one");
    // Compose has made it anew: another id, the same name, another address.
    names.forget("0123456789ab");
    let answers = |name: &'static str| async move {
        try_get(routes.port, "/").await.is_ok_and(|got| got.body == name)
    };
    until("the name is asked for", || answers("two")).await;
    // It is gone: what it was reached at may be somebody else's tomorrow.
    names.forget("shop-app-1");
    until("nobody is reached", || async { try_get(routes.port, "/").await.is_err() }).await;
    names.tell("shop-app-1", four(one.address.ip()));
    until("it is back", || answers("one")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_found_by_the_request_that_fails_at_the_old_one() {
    let names = NameServer::start().await;
    let one = server::http("one").start().await;
    let two = server::http("two").beside(&one).await;
    let mut routes = Routes::to(&[&one]);
    routes.targets[0].id = ID.into();
    routes.targets[0].address = None;
    names.tell("0123456789ab", four(one.address.ip()));
    let gateway = Gateway::start_asking(names.address).await;
    gateway.control().await.apply(&routes).await;
    assert_eq!(get(routes.port, "/").await.body, "one");
    names.tell("0123456789ab", four(two.address.ip()));
    one.gone().await;
    assert_eq!(get(routes.port, "/").await.body, "two");
}
