//! A name server.

use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, ResourceRecord, TYPE};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::UdpSocket;

/// It knows what it was told.
#[derive(Clone)]
pub(crate) struct NameServer {
    pub address: SocketAddr,
    names: Arc<Mutex<HashMap<String, Ipv4Addr>>>,
}

impl NameServer {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: socket.local_addr().unwrap(), names: Arc::default() };
        let names = Arc::clone(&server.names);
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok((read, from)) = socket.recv_from(&mut buffer).await {
                let answer = answer(&buffer[..read], &names.lock().unwrap());
                let _ = socket.send_to(&answer, from).await;
            }
        });
        server
    }

    pub(crate) fn tell(&self, name: &str, address: Ipv4Addr) {
        self.names.lock().unwrap().insert(name.to_owned(), address);
    }

    pub(crate) fn forget(&self, name: &str) {
        self.names.lock().unwrap().remove(name);
    }
}

fn answer(question: &[u8], names: &HashMap<String, Ipv4Addr>) -> Vec<u8> {
    let asked = Packet::parse(question).unwrap();
    let mut packet = Packet::new_reply(asked.id());
    packet.set_flags(PacketFlag::RESPONSE);
    for question in asked.questions {
        let name = question.qname.to_string();
        if let (Some(address), QTYPE::TYPE(TYPE::A)) = (names.get(&name), question.qtype) {
            let name = Name::new(&name).unwrap().into_owned();
            let data = RData::A(A { address: address.to_bits() });
            packet.answers.push(ResourceRecord::new(name, CLASS::IN, 1, data));
        }
    }
    packet.build_bytes_vec().unwrap()
}
