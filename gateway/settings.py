"""The one place where the gateway's environment is read."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class GatewaySettings(ServiceSettings):
    """`addresses` says where each service listens; `listen` is the address of the HTTP server."""

    listen: str = "127.0.0.1:8080"
    """Address of the HTTP server; port 0 takes any free one."""
    dev_token: str = ""
    """Bearer token of the embedded mode's one user; empty means none. At least 16 characters."""
    dev_tenant: str = "local"
    """Tenant of the dev token."""
    dev_subject: str = "user:dev@local"
    """Who the dev token stands for."""
    dev_roles: tuple[str, ...] = ("admin", "expert", "approver")
    """Roles of the dev token."""
    oidc_issuer: str = ""
    """Issuer of accepted OpenID Connect tokens, as in their `iss`; empty means that none are accepted."""
    oidc_audience: str = ""
    """Audience that an OpenID Connect token must have."""
    oidc_jwks_url: str = ""
    """Where the issuer publishes its keys (RFC 7517)."""
    oidc_tenant_claim: str = "tenant"
    """Claim that names the tenant."""
    oidc_roles_claim: str = "roles"
    """Claim that lists the roles."""
    runtime_url: str = ""
    """Base URL of the model server, such as `http://127.0.0.1:8090`; empty means none."""
    runtime_prefix: str = "/v1"
    """Where the OpenAI routes are on the model server; KServe's own servers have them at `/openai/v1`."""
    default_project: str = ""
    """Project of the OpenAI routes where no header names one; empty means that a header must."""
    max_body_bytes: int = 4 * MIB
    """Largest request body, in bytes."""
    max_upload_bytes: int = 48 * MIB
    """Largest request body of a call that carries a file, in bytes; base64 makes a file a third larger."""
    max_requests: int = 512
    """Requests in flight; one more is refused with TOO_BUSY."""
    max_uploads: int = 8
    """Calls that carry a file in flight: each is held in memory."""
    body_seconds: float = 60.0
    """Longest time that a request body may take to arrive, in seconds."""
    call_seconds: float = 120.0
    """Deadline of a call to a service, in seconds."""
    stream_seconds: float = 3600.0
    """Deadline of a streaming call to a service, in seconds."""
    runtime_seconds: float = 600.0
    """Longest silence of the model server while it answers, in seconds."""
