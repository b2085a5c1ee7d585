from pathlib import Path
def test_x(exported: Path) -> None:
    from cinecor.inference.package import read_package
    p=read_package(exported); print(p.manifest); print(p.part("card.md").decode()[:6000])
