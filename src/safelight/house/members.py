"""Accounts, links and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from safelight.access import EVERYWHERE
from safelight.core.facts import NewFact
from safelight.errors import MissingError
from safelight.house.seat import Seat, number_of
from safelight.people import accounts, passes
from safelight.store.people import Account, Pass


class MemberVerbs(Seat):
    """The verbs about accounts."""

    def list_people(self) -> list[Account]:
        """Return all accounts."""
        self.me.require("configure", EVERYWHERE)
        return self.house.people.accounts()

    def invite(
        self, login: str, name: str, roles: Mapping[str, str], skills: Sequence[str], *, junior: bool
    ) -> tuple[Account, str]:
        """Add an account; return it and the secret of its link."""
        self.me.require("configure", EVERYWHERE)
        made = accounts.invite(self.store, self.house.people, self.me.actor, login, name, roles, skills, junior=junior)
        self.house.forget_names()
        return made

    def relink(self, account_id: str) -> str:
        """Make a new link for an account; return its secret."""
        self.me.require("configure", EVERYWHERE)
        account = self.house.people.account(account_id)
        if account is None:
            raise MissingError(f"no account {account_id!r}")
        return accounts.link_for(self.store, self.house.people, self.me.actor, account)

    def change_account(self, account_id: str, etag: str, changes: Mapping[str, Any]) -> Account:
        """Change an account."""
        self.me.require("configure", EVERYWHERE)
        done = accounts.change(self.store, self.house.people, self.me.actor, account_id, number_of(etag), changes)
        self.house.forget_names()
        return done

    def list_keys(self) -> list[Pass]:
        """Return all API keys, without their secrets."""
        self.me.require("configure", EVERYWHERE)
        return self.house.people.passes("key")

    def make_key(self, account_id: str, name: str, roles: Mapping[str, str], lives_s: float) -> tuple[str, Pass]:
        """Make an API key for an account; return its secret, once, and what is kept."""
        self.me.require("configure", EVERYWHERE)
        account = self.house.people.account(account_id)
        if account is None or account.disabled:
            raise MissingError(f"no account {account_id!r}")
        secret, made = passes.make_pass(
            self.house.people, "key", account.id, lives_s=lives_s, name=name, roles=accounts.checked_roles(roles)
        )
        body = {"account": account.id, "roles": dict(roles), "until": made.until}
        self.ledger.append([NewFact(accounts.KEY_MADE, made.id, body, self.me.actor, "", {"key_name": name})])
        return secret, made

    def revoke_key(self, key_id: str) -> None:
        """End an API key."""
        self.me.require("configure", EVERYWHERE)
        if not self.house.people.revoke("key", id=key_id):
            raise MissingError(f"no API key {key_id!r}")
        self.ledger.append([NewFact(accounts.KEY_REVOKED, key_id, {}, self.me.actor)])
