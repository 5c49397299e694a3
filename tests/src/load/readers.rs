//! Clients that ask for much and take little or nothing of it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Reason, RecvStream};
use http::Request;
use kindstore_proto::v1;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::sleep;

use super::{LIST, clients, load};
use crate::soak::rounds;

/// How many clients of each kind there are.
const CLIENTS: usize = 10;

/// The size of the list that they ask for.
const SIZE: usize = 20 << 20;

/// How long the server waits for a client that takes nothing, with some time for a busy machine.
const LONGEST: Duration = Duration::from_secs(45);

/// A client that has asked and was answered, as far as its windows let the answer through.
enum Client {
    Plain(TcpStream),
    Stream(SendRequest<Bytes>, RecvStream),
}

async fn plain(address: SocketAddr) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    // A small window, so that nothing of what is read counts for much.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(format!("GET {LIST} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await.unwrap();
    Client::Plain(stream)
}

async fn stream(address: SocketAddr, request: Request<()>, body: Option<Bytes>) -> Client {
    let socket = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = h2::client::handshake(socket).await.unwrap();
    tokio::spawn(async move {
        let _ = connection.await;
    });
    let (answer, mut sending) = sender.send_request(request, body.is_none()).unwrap();
    if let Some(body) = body {
        sending.send_data(body, true).unwrap();
    }
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    Client::Stream(sender, answer.into_body())
}

async fn rest(address: SocketAddr) -> Client {
    stream(address, Request::get(format!("http://localhost{LIST}")).body(()).unwrap(), None).await
}

async fn grpc(address: SocketAddr) -> Client {
    let message =
        v1::StreamListRequest { kind: "DeploymentTarget".into(), namespace: "default".into(), ..Default::default() }
            .encode_to_vec();
    let frame = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), &message].concat();
    let request = Request::post("http://localhost/kindstore.v1.ResourceService/StreamList")
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    stream(address, request.body(()).unwrap(), Some(frame.into())).await
}

async fn ask(address: SocketAddr) -> Vec<Client> {
    let mut all = Vec::new();
    for _ in 0..CLIENTS {
        all.extend([plain(address).await, rest(address).await, grpc(address).await]);
    }
    all
}

/// Takes a byte a second or nothing at all until the server has given up, and says how much came.
async fn idle(client: Client, is_slow: bool) -> usize {
    match client {
        Client::Plain(mut stream) => {
            let (begun, mut byte, mut count) = (Instant::now(), [0], 0);
            while begun.elapsed() < LONGEST {
                sleep(Duration::from_secs(1)).await;
                if is_slow {
                    match stream.read(&mut byte).await {
                        Ok(length) if length > 0 => count += length,
                        _ => break,
                    }
                }
            }
            // What is on its way still comes.
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
            count + rest.len()
        }
        Client::Stream(_sender, mut body) => {
            sleep(LONGEST).await;
            let mut count = 0;
            loop {
                match body.data().await {
                    Some(Ok(data)) => count += data.len(),
                    Some(Err(error)) => {
                        assert_eq!(error.reason(), Some(Reason::CANCEL), "{error}");
                        return count;
                    }
                    None => panic!("the answer is whole"),
                }
            }
        }
    }
}

#[test]
fn clients_that_take_nothing_lose_their_answer_and_leave_nothing() {
    let loaded = load();
    loaded.fill(SIZE / 900_000, 900_000);
    let runtime = clients();
    let address = loaded.address();
    // The same load, of clients that leave at once.
    for _ in 0..2 {
        runtime.block_on(async {
            drop(ask(address).await);
            sleep(Duration::from_millis(300)).await;
        });
    }
    let before = loaded.level();
    for _ in 0..rounds(1, 10) {
        loaded.beside(|| {
            runtime.block_on(async {
                let all = ask(address).await;
                let all: Vec<_> = all
                    .into_iter()
                    .enumerate()
                    .map(|(number, client)| tokio::spawn(idle(client, number % 2 == 0)))
                    .collect();
                for one in all {
                    let count = one.await.unwrap();
                    assert!(count < SIZE * 3 / 4, "{count} bytes came");
                }
            });
        });
        loaded.comes_back_to(before);
    }
}
