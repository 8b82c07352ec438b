"""A connector's life through kafka-connect-py, which is not changed in any way.
Arguments: URL, user, password, name of the connector, and its settings as key=value.
Prints one line per step; ends with an exception when an answer is not what the client expects."""
import sys
import time

from kafka_connect import KafkaConnect
from requests.exceptions import HTTPError


def tell(what, value):
    print(f"{what}: {value}")


def refused(call):
    try:
        call()
    except HTTPError as error:
        return error.response.status_code
    return None


def until_state(client, name, state):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = client.get_connector_status(name)
        units = [status["connector"], *status["tasks"]]
        if len(units) > 1 and all(unit["state"] == state for unit in units):
            return
        time.sleep(0.05)
    raise RuntimeError(f"waited in vain for {state}: {status}")


url, user, password, name = sys.argv[1:5]
config = dict(setting.split("=", 1) for setting in sys.argv[5:])
client = KafkaConnect(url, auth=f"{user}:{password}")
tell("version", client.get_cluster_info()["version"])
tell("plugin", config["connector.class"] in [one["class"] for one in client.list_connector_plugins()])
tell("errors", client.validate_connector_config("CassandraSinkConnector", config)["error_count"])
tell("created", client.create_connector({"name": name, "config": config})["type"])
tell("taken", refused(lambda: client.create_connector({"name": name, "config": config})))
until_state(client, name, "RUNNING")
tell("listed", name in client.list_connectors())
tell("by state", name in client.list_connectors(expand="status", state="RUNNING"))
tell("expanded", client.list_connectors(expand="info")[name]["info"]["config"] == client.get_connector_config(name))
tell("same settings", config.items() <= client.get_connector_config(name).items())
tell("tasks", len(client.list_connector_tasks(name)))
tell("task", client.get_connector_task_status(name, 0)["state"])
tell("topics", "topics" in client.list_connector_topics(name)[name])
client.reset_connector_topics(name)
client.pause_connector(name)
until_state(client, name, "PAUSED")
client.resume_connector(name)
until_state(client, name, "RUNNING")
client.restart_connector(name, include_tasks=True, only_failed=False)
until_state(client, name, "RUNNING")
client.restart_connector(name)
client.restart_connector_task(name, 0)
until_state(client, name, "RUNNING")
tell("changed", client.update_connector(name, {**config, "tasks.max": "2"})["config"]["tasks.max"])
tell("invalid", refused(lambda: client.update_connector(name, {**config, "tasks.max": "many"})))
tell("unknown", refused(lambda: client.get_connector("none")))
client.stop_connector(name)
client.delete_connector(name)
tell("deleted", name not in client.list_connectors())
tell("wrong password", refused(lambda: KafkaConnect(url, auth=f"{user}:wrong").list_connectors()))
