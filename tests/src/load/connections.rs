//! A thousand connections that keep silent, stop halfway, or send a byte a second.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{LIST, clients, load};
use crate::exchange::Reply;
use crate::soak::rounds;

/// How long the server bears any of them, with some time for a busy machine.
const LONGEST: Duration = Duration::from_secs(45);

/// What a client sends at once, what it sends byte by byte, and whether the server says why it closes.
struct Client {
    first: String,
    slow: &'static [u8],
    is_answered: bool,
}

fn client(number: usize) -> Client {
    let post = format!(
        "POST {LIST} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 500000\r\n\r\n"
    );
    let web = "POST /kindstore.v1.ResourceService/Create HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/grpc-web+proto\r\n\
               content-length: 500000\r\n\r\n\0\0\x07\x00\x00";
    let half = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/grpc-web+proto\r\ncontent-length: 3000\r\n\r\n\
             \0\0\0\x0b\x00"
        )
    };
    match number % 10 {
        // Silent, and halfway through the head.
        0 => Client { first: String::new(), slow: b"", is_answered: false },
        1 => Client { first: "GET / HT".to_owned(), slow: b"", is_answered: false },
        2 => Client { first: "PRI * HTTP/2.0\r\n".to_owned(), slow: b"", is_answered: false },
        // An HTTP/2 connection of which nothing follows.
        3 => Client { first: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), slow: b"", is_answered: false },
        // Halfway through the body.
        4 => Client { first: post + "{", slow: b"", is_answered: true },
        // A byte a second.
        5 => Client { first: "GET / HTTP/1.1\r\n".to_owned(), slow: b"x: 1\r\n", is_answered: false },
        6 => Client { first: post, slow: b" ", is_answered: true },
        7 => Client { first: half("/grpc.health.v1.Health/Check"), slow: b"\0", is_answered: true },
        // Its answer begins with the call, and ends when half a message is all that comes.
        8 => Client {
            first: half("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
            slow: b"\0",
            is_answered: false,
        },
        _ => Client { first: web.to_owned(), slow: b"\0", is_answered: true },
    }
}

/// Stays until the server closes, and gives what it sent.
async fn stay(address: SocketAddr, client: Client) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(client.first.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let trickle = async {
        for byte in client.slow.iter().cycle() {
            sleep(Duration::from_secs(1)).await;
            if writer.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await
    };
    let mut answer = Vec::new();
    tokio::select! {
        // A reset by the server is an end as well.
        _ = reader.read_to_end(&mut answer) => {}
        () = trickle => {}
    }
    if client.is_answered {
        let reply = Reply::parse(&answer).expect("an answer before the end");
        assert!(
            reply.status == 400 || reply.header("grpc-message").is_some_and(|message| message.contains("not%20arrive")),
            "{}: {reply:?}",
            client.first
        );
    }
    answer
}

/// All thousand of them, each for so long at the most. They come in groups, since a listener queues about a thousand that
/// it has not accepted, and what is beyond is lost without a word.
async fn all(address: SocketAddr, longest: Duration) -> usize {
    let mut clients = Vec::new();
    for number in 0..1000 {
        clients.push(tokio::spawn(timeout(longest, stay(address, client(number)))));
        if number % 50 == 49 {
            sleep(Duration::from_millis(10)).await;
        }
    }
    let mut closed = 0;
    for client in clients {
        closed += usize::from(client.await.unwrap().is_ok());
    }
    closed
}

#[test]
fn a_thousand_connections_that_send_too_little_are_closed_and_leave_nothing() {
    let loaded = load();
    let runtime = clients();
    let address = loaded.address();
    // The same load, of clients that leave soon.
    for _ in 0..2 {
        runtime.block_on(all(address, Duration::from_secs(1)));
    }
    let before = loaded.level();
    for _ in 0..rounds(1, 20) {
        loaded.beside(|| assert_eq!(runtime.block_on(all(address, LONGEST)), 1000, "connections were closed"));
        loaded.comes_back_to(before);
    }
}
