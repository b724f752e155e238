"""What an account does with the folders of its safe; what lies in one stays, whatever becomes of it."""

from sk.errors import Invalid
from sk.ids import new_id
from sk.safe.safe import Contents, Folder, open_safe
from sk.safe.steps import checked_name, free_name
from sk.services import Services
from sk.store.races import looking_again

FOLDERS_MAX = 500
DEPTH_MAX = 10


@looking_again
async def add_folder(account_id: str, name: str, parent: str, services: Services) -> str:
    """Add a folder and return its id. In one folder no two have the same name."""
    opened = await open_safe(account_id, services)
    contents, name = opened.contents, checked_name(name)
    if parent:
        contents.folder(parent)
    _expect_free(contents, name, parent)
    folder_id = put_folder(contents, name, parent)
    await services.store.save(opened.kept())
    return folder_id


def put_folder(contents: Contents, name: str, parent: str) -> str:
    """Enter a new folder and return its id, unless there are too many, or it would lie too deep."""
    if len(contents.folders) >= FOLDERS_MAX or len(contents.path(parent)) >= DEPTH_MAX:
        said = f"a safe has at most {FOLDERS_MAX} folders, and at most {DEPTH_MAX} within each other"
        raise Invalid(said, field="name", problem="folders-many")
    folder = Folder(new_id(), name, parent)
    contents.folders[folder.id] = folder
    return folder.id


@looking_again
async def rename_folder(account_id: str, folder_id: str, name: str, services: Services) -> None:
    """Call a folder something else."""
    opened = await open_safe(account_id, services)
    contents, name = opened.contents, checked_name(name)
    folder = contents.folder(folder_id)
    _expect_free(contents, name, folder.parent, but=folder_id)
    contents.folders[folder_id] = folder._replace(name=name)
    await services.store.save(opened.kept())


@looking_again
async def delete_folder(account_id: str, folder_id: str, services: Services) -> str:
    """Delete a folder; what lies in it moves to where the folder lay, whose id is returned."""
    opened = await open_safe(account_id, services)
    contents = opened.contents
    parent = contents.folder(folder_id).parent
    del contents.folders[folder_id]
    taken = {one.name.casefold() for one in contents.within(parent)}
    for within in [*contents.within(folder_id)]:
        name = free_name(within.name, taken)
        taken.add(name.casefold())
        contents.folders[within.id] = within._replace(parent=parent, name=name)
    taken = contents.names_in(parent)
    for entry in [one for one in contents.entries.values() if one.folder == folder_id]:
        name = free_name(entry.name, taken)
        taken.add(name.casefold())
        contents.put(entry._replace(folder=parent, name=name))
    await services.store.save(opened.kept())
    return parent


def _expect_free(contents: Contents, name: str, parent: str, but: str = "") -> None:
    if any(one.name.casefold() == name.casefold() and one.id != but for one in contents.within(parent)):
        raise Invalid("there is a folder of this name", field="name", problem="name-taken")
