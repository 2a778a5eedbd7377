//! Ordinary stacks as people have them: a first deploy, a second version, a third one that fails, and a rollback. What is asked is
//! what a client gets and what stands in the files, never an id.

mod agpay;
mod copy_all;
mod data;
mod injected;
mod inside;
mod label_proxy;
mod migrate_at_start;
mod migrate_once;
mod nginx;
mod proxy;
mod registry;
mod site;
mod store;
mod three_files;
mod workers;
