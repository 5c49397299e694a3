"""The generated messages and stubs, under the names that `protoc` gives them: for programs that call the service without the client."""

from .._generated import resource_pb2, resource_service_pb2, resource_service_pb2_grpc

__all__ = ["resource_pb2", "resource_service_pb2", "resource_service_pb2_grpc"]
