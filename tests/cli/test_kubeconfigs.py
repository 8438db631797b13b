"""Kubeconfigs of cloud clusters as files."""

from __future__ import annotations

from pathlib import Path

from cli.kubeconfigs import remove_kubeconfig, write_kubeconfig


def test_only_its_owner_can_read_it_from_the_first_byte_on(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfigs" / "a"
    write_kubeconfig(path, '{"apiVersion": "v1"}')
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == '{"apiVersion": "v1"}'


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("keep")
    (tmp_path / "a").symlink_to(mine)
    write_kubeconfig(tmp_path / "a", "{}")
    assert mine.read_text() == "keep"
    assert not (tmp_path / "a").is_symlink()


def test_a_stack_that_hands_out_a_path_gets_the_content_copied(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("apiVersion: v1\nkind: Config\n")
    write_kubeconfig(tmp_path / "a", str(tmp_path / "real"))
    assert (tmp_path / "a").read_text().startswith("apiVersion")


def test_the_folder_goes_with_its_last_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_kubeconfig(tmp_path / "kubeconfigs" / name, "{}")
    remove_kubeconfig(tmp_path / "kubeconfigs" / "a")
    assert (tmp_path / "kubeconfigs" / "b").exists()
    remove_kubeconfig(tmp_path / "kubeconfigs" / "b")
    remove_kubeconfig(tmp_path / "kubeconfigs" / "b")
    assert not (tmp_path / "kubeconfigs").exists()
