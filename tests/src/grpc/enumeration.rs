//! Every field of every request whose type is an enumeration, with a number that is not declared.

use kindstore_proto::{FILE_DESCRIPTOR_SET, v1};
use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

use super::{SERVICE, create, host, target};
use crate::exchange::send;

/// The number of no value.
const NUMBER: u8 = 99;

/// The fields that lead to an enumeration, from the outermost on.
type Path = Vec<FieldDescriptorProto>;

/// The messages of all files by their names.
struct Messages(Vec<DescriptorProto>);

impl Messages {
    fn find(&self, name: &str) -> &DescriptorProto {
        let short = name.rsplit('.').next().unwrap();
        self.0.iter().find(|message| message.name() == short).unwrap()
    }

    fn paths(&self, name: &str) -> Vec<Path> {
        let mut paths = Vec::new();
        for field in &self.find(name).field {
            match field.r#type() {
                Type::Enum => paths.push(vec![field.clone()]),
                Type::Message if field.type_name().starts_with(".kindstore.v1.") => {
                    paths.extend(
                        self.paths(field.type_name()).into_iter().map(|path| [vec![field.clone()], path].concat()),
                    );
                }
                _ => {}
            }
        }
        paths
    }
}

/// A request that makes sense, to which a field is added: what comes later in a message is merged with what came before.
fn sensible(name: &str) -> Vec<u8> {
    let v1::CreateRequest { kind, namespace, document, .. } = create("one");
    let key = "one".to_owned();
    match name.rsplit('.').next().unwrap() {
        "CreateRequest" => create("two").encode_to_vec(),
        "UpsertRequest" => v1::UpsertRequest { kind, namespace, key, document, options: None }.encode_to_vec(),
        "PatchRequest" => {
            v1::PatchRequest { kind: "DeploymentDefaults".to_owned(), namespace, patch: document, ..Default::default() }
                .encode_to_vec()
        }
        "DeleteRequest" => v1::DeleteRequest { kind, namespace, key, options: None }.encode_to_vec(),
        "RollbackRequest" => v1::RollbackRequest { kind, namespace, key, version: 1, options: None }.encode_to_vec(),
        "UndeleteRequest" => v1::UndeleteRequest { kind, namespace, key, options: None }.encode_to_vec(),
        "CommitRequest" => v1::CommitRequest { namespace, ..Default::default() }.encode_to_vec(),
        _ => Vec::new(),
    }
}

fn request(name: &str, path: &[FieldDescriptorProto]) -> Vec<u8> {
    let (field, rest) = path.split_first().unwrap();
    let mut bytes = sensible(name);
    let tag = |wire: u8| u8::try_from(field.number()).unwrap() << 3 | wire;
    if rest.is_empty() {
        bytes.extend([tag(0), NUMBER]);
        return bytes;
    }
    let inner = request(field.type_name(), rest);
    bytes.push(tag(2));
    prost::encode_length_delimiter(inner.len(), &mut bytes).unwrap();
    bytes.extend(inner);
    bytes
}

#[test]
fn a_number_that_no_enumeration_has_is_refused_in_every_field() {
    let server = host();
    server.store.kind("DeploymentTarget").unwrap().namespace("default").create(target("one")).wait().unwrap();
    let files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap().file;
    let messages = Messages(files.iter().flat_map(|file| file.message_type.clone()).collect());
    let methods: Vec<_> = files.iter().flat_map(|file| &file.service).flat_map(|service| &service.method).collect();
    let mut seen = 0;
    for method in methods {
        for path in messages.paths(method.input_type()) {
            let names: Vec<&str> = path.iter().map(FieldDescriptorProto::name).collect();
            let message = request(method.input_type(), &path);
            let frame = [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), &message].concat();
            let call = format!("/{SERVICE}/{}", method.name());
            let reply = send(server.address, "POST", &call, &["content-type: application/grpc-web+proto"], &frame);
            let said = reply.header("grpc-message").unwrap_or_default().replace("%20", " ");
            assert_eq!(reply.header("grpc-status"), Some("3"), "{} {names:?}: {said}", method.name());
            let expected = format!("{} is {NUMBER}", names.last().unwrap());
            assert!(said.contains(&expected), "{} {names:?}: {said}", method.name());
            seen += 1;
        }
    }
    assert!(seen >= 20, "the fields of {seen} were found");
}
