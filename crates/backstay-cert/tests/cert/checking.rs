//! What is found wrong with a certificate.

use backstay_cert::{Finding, Info, Request, check, create, read};
use jiff::{Timestamp, ToSpan};

fn now() -> Timestamp {
    "2024-01-29T15:30:22Z".parse().unwrap()
}

fn days(days: i64) -> jiff::Span {
    (days * 24).hours()
}

/// A certificate for `localhost` and `*.shop.test`, with its key, that is good for 100 days.
fn info() -> Info {
    let names = ["localhost", "*.shop.test", "127.0.0.1"].map(str::to_owned).to_vec();
    let made = create(&Request { names, valid_days: 100, ..Request::default() }, now()).unwrap();
    read((made.pem_certificate() + made.pem_key()).as_bytes(), None).unwrap()
}

#[test]
fn a_good_one_has_no_findings() {
    let names = ["localhost", "LOCALHOST", "www.shop.test", "127.0.0.1"].map(str::to_owned);
    assert_eq!(check(&info(), now(), &names), []);
}

#[test]
fn its_end_is_told_thirty_days_before() {
    let info = info();
    let not_after = info.not_after;
    let at = |time| check(&info, time, &[]);
    assert_eq!(at(not_after - days(30) - 1.second()), []);
    assert_eq!(at(not_after - days(30)), [Finding::EndsSoon { not_after, days_left: 30 }]);
    assert_eq!(at(not_after - 1.hour()), [Finding::EndsSoon { not_after, days_left: 0 }]);
    assert_eq!(at(not_after), [Finding::EndsSoon { not_after, days_left: 0 }]);
    assert_eq!(at(not_after + 1.second()), [Finding::Expired { not_after }]);
    let not_before = info.not_before;
    assert_eq!(at(not_before - 1.second()), [Finding::NotYetValid { not_before }]);
    assert!(at(not_after)[0].is_warning() && !at(not_after + 1.hour())[0].is_warning());
}

#[test]
fn names_that_it_lacks_are_told() {
    let names = ["shop.test", "a.b.shop.test", "::1", "no name"].map(str::to_owned);
    let expected = names.clone().map(|name| Finding::NameNotCovered { name });
    assert_eq!(check(&info(), now(), &names), expected);
}

#[test]
fn a_key_that_lacks_or_belongs_to_another_is_told() {
    let [one, two] = [(); 2].map(|()| create(&Request::default(), now()).unwrap());
    let alone = read(one.der(), None).unwrap();
    assert_eq!(check(&alone, now(), &[]), [Finding::KeyMissing]);
    let mixed = read((one.pem_certificate() + two.pem_key()).as_bytes(), None).unwrap();
    assert_eq!(check(&mixed, now(), &[]), [Finding::KeyMismatch]);
}
